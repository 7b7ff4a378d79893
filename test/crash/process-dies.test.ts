/** A chunk that always ends the process of the function that reads it, as one too large for its memory does. */

import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { extractReceiptKey } from '../../lambdas/contract/object-keys.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { EventWorld } from '../support/event-world.ts';

const long = { timeout: 600_000 };
let simulator: Simulator;
let world: EventWorld;
let isDeadly = true;

beforeAll(async () => {
  simulator = await startSimulator({ leads: 3 });
  world = await EventWorld.start(simulator, {
    streams: ['campaigns'],
    timeScale: 100,
    processes: true,
    releaseSeconds: 0,
    environment: { PUBLISH_CHECK_SECONDS: '30' },
    hooks: {
      beforeCall: ({ functionName, operation, resource }) =>
        isDeadly && functionName === 'extract' && operation === 'GetObject' && resource.includes('/raw/campaigns/')
          ? 'kill'
          : 'continue',
    },
  });
}, long.timeout);
afterAll(async () => {
  await world.end();
  await simulator.stop();
});

describe('a process that dies on every receive of its message', () => {
  it(
    'leaves a failure before the last receive, and the run is complete after the dead letter is sent again',
    long,
    async () => {
      const at = new Date();
      const runId = runIdOf('nightly', at);
      await world.cloud.invoke('plan', { scheduledAt: at.toISOString() });
      const letters = () => world.cloud.queues().find(({ name }) => name === 'extract-queue/dead-letters')?.ready;
      await vi.waitFor(() => expect(letters()).toBe(1), { timeout: 300_000, interval: 50 });
      const receipt = world.json(extractReceiptKey(runId, 'campaigns.0'));
      expect(receipt).toMatchObject({ status: 'failed', error: { code: 'process_died' } });
      expect(() => world.json(`runs/${runId}/report.json`)).toThrow('ENOENT');

      isDeadly = false;
      const { sqs } = world.cloud.clients();
      const deadLetters = world.cloud.queueUrl('extract-queue/dead-letters');
      const { Messages: [letter] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadLetters }));
      await sqs.send(
        new SendMessageCommand({ QueueUrl: world.cloud.queueUrl('extract-queue'), MessageBody: letter?.Body }),
      );
      await sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetters, ReceiptHandle: letter?.ReceiptHandle }));
      await world.cloud.idle(long.timeout);
      expect((await world.report(runId)).status).toBe('complete');
    },
  );
});
