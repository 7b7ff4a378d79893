import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it } from 'vitest';
import { createAnnouncer } from '../../lambdas/adapters/event-bus.ts';
import { eventSource } from '../../lambdas/contract/events.ts';

const client = new EventBridgeClient({ region: 'eu-central-1' });
const bus = mockClient(client);
beforeEach(() => void bus.reset());

it('emits an event to the bus, with the name of the workspace', async () => {
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: 'e1' }] });
  await createAnnouncer('lake-bus', 'main', client).announce('runPublished', { runId: 'run-1' });
  const Detail = '{"workspace":"main","runId":"run-1"}';
  const entry = { EventBusName: 'lake-bus', Source: eventSource, DetailType: 'Run Published', Detail };
  expect(bus.commandCalls(PutEventsCommand).map(({ args }) => args[0].input)).toEqual([{ Entries: [entry] }]);
});

it('treats an answer of 200 with a failed entry as a failure', async () => {
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] });
  await expect(createAnnouncer('lake-bus', 'main', client).announce('exportReady', {})).rejects.toThrow(
    'The event bus lake-bus did not take the event: ThrottlingException.',
  );
});
