import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { eventSource, eventTypes } from '../contract/environment.ts';
import type { Announcer } from '../core/ports.ts';

/**
 * Tells the event bus that a run is over. The detail is the run's report without error messages, which
 * stand in S3: an event is small and may leave the account.
 * @throws Error where the bus did not take the event
 */
export function createAnnouncer(eventBusName: string, client: EventBridgeClient = new EventBridgeClient()): Announcer {
  return {
    async announce({ tables, ...run }) {
      const statuses = Object.fromEntries(
        Object.entries(tables).map(([name, { status, rowsWritten }]) => [name, { status, rowsWritten }]),
      );
      const answer = await client.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: eventBusName,
              Source: eventSource,
              DetailType: eventTypes.runPublished,
              Detail: JSON.stringify({ ...run, tables: statuses }),
            },
          ],
        }),
      );
      if (answer.FailedEntryCount)
        throw new Error(`The event bus ${eventBusName} did not take the event: ${answer.Entries?.[0]?.ErrorCode}.`);
    },
  };
}
