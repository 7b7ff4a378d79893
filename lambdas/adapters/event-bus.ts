import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { eventSource, eventTypes } from '../contract/events.ts';
import type { Announcer } from '../core/ports.ts';

/**
 * Emits events to a bus, each with the name of the workspace.
 * @throws Error if the bus did not accept the event
 */
export function createAnnouncer(
  eventBusName: string,
  workspace: string,
  client: EventBridgeClient = new EventBridgeClient(),
): Announcer {
  return {
    async announce(event, detail) {
      const entry = {
        EventBusName: eventBusName,
        Source: eventSource,
        DetailType: eventTypes[event],
        Detail: JSON.stringify({ workspace, ...detail }),
      };
      const answer = await client.send(new PutEventsCommand({ Entries: [entry] }));
      if (answer.FailedEntryCount)
        throw new Error(`The event bus ${eventBusName} did not take the event: ${answer.Entries?.[0]?.ErrorCode}.`);
    },
  };
}
