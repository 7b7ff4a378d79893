import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../../../local/cloud/cloud.ts';
import type { Deliver } from '../../../../local/cloud/sqs/queues.ts';
import { dataStack, queueWithFunction, temporaryFolder, writeAssembly } from '../fixture-assembly.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let cloud: Cloud;
const asSent: Deliver = ({ delaySeconds }) => [delaySeconds];
let deliver = asSent;

beforeAll(async () => {
  folder = await temporaryFolder();
  const assembly = await writeAssembly(join(folder.path, 'assembly'), {
    data: dataStack,
    pipeline: {
      Resources: {
        ...queueWithFunction('Work'),
        ...queueWithFunction('Windowed', {
          queue: { VisibilityTimeout: 600 },
          mapping: { BatchSize: 20, MaximumBatchingWindowInSeconds: 300 },
        }),
      },
    },
  });
  // Time passes 60 times faster. So the batch window of 300 s takes 5 s: on a busy machine, sending a batch takes half
  // of that.
  cloud = await startCloud({
    assembly,
    out: folder.path,
    timeScale: 60,
    hooks: { deliver: (message) => deliver(message) },
  });
  await cloud
    .clients()
    .sqs.send(new SendMessageCommand({ QueueUrl: cloud.queueUrl('work-queue'), MessageBody: '{"id":"warm"}' }));
  await cloud.idle();
});
beforeEach(() => {
  deliver = asSent;
});
afterAll(async () => {
  await cloud.stop();
  await folder.remove();
});

async function send(queue: string, ...bodies: object[]): Promise<void> {
  const Entries = bodies.map((body, index) => ({ Id: String(index), MessageBody: JSON.stringify(body) }));
  const { sqs } = cloud.clients();
  for (let start = 0; start < Entries.length; start += 10) {
    await sqs.send(
      new SendMessageBatchCommand({ QueueUrl: cloud.queueUrl(queue), Entries: Entries.slice(start, start + 10) }),
    );
  }
}

const done = (id: string) =>
  existsSync(join(folder.path, 'done', id)) ? readFileSync(join(folder.path, 'done', id), 'utf8') : undefined;
const depth = (name: string) => cloud.queues().find((queue) => queue.name === name);

describe('messages of a queue', () => {
  it('are picked up promptly', async () => {
    await send('work-queue', { id: 'prompt' });
    await expect.poll(() => done('prompt'), { timeout: 1_000, interval: 5 }).toBe('1 1');
  });

  it('come in batches, and only the failed ones come again', async () => {
    await send('work-queue', { id: 'a' }, { id: 'b', failures: 1 }, { id: 'c' });
    await cloud.idle();
    expect([done('a'), done('b'), done('c')]).toEqual(['3 1', '1 2', '3 1']);
  });

  it('come again if the function’s process ends in the middle', async () => {
    await send('work-queue', { id: 'crashed', failures: 1, crash: true }, { id: 'beside' });
    await cloud.idle();
    // A third time if the new process takes longer to start than the messages stay invisible, which is 1 s here.
    for (const id of ['crashed', 'beside']) expect(done(id)).toMatch(/^2 [23]$/);
  });

  it('become dead letters after the receives that the redrive policy allows', async () => {
    await send('work-queue', { id: 'poison', failures: 99 });
    await cloud.idle();
    expect(done('poison')).toBeUndefined();
    expect(depth('work-dead-letters')).toMatchObject({ ready: 1, inFlight: 0, delayed: 0 });
  });

  it('may be sent with a delay, in which a task continues after its function', async () => {
    await send('work-queue', { id: 'continued', continuations: 3 });
    await cloud.idle();
    expect(done('continued')).toBe('1 1');
  });

  it('are collected until the batch is full or its window is over', async () => {
    await send('windowed-queue', ...Array.from({ length: 25 }, (_, index) => ({ id: `window-${index}` })));
    await expect.poll(() => done('window-19')).toBe('20 1');
    expect(done('window-20')).toBeUndefined();
    await cloud.idle();
    expect([0, 19, 20, 24].map((index) => done(`window-${index}`))).toEqual(['20 1', '20 1', '5 1', '5 1']);
  });
});

describe('a test', () => {
  it('may have messages delivered twice, late or never', async () => {
    let deliveries = 0;
    deliver = ({ queue, body, delaySeconds }) => {
      deliveries += 1;
      expect([queue, delaySeconds]).toEqual(['pipeline-WorkQueue', 0]);
      if (body.includes('twice')) return [0, 0.05];
      return body.includes('never') ? [] : [1];
    };
    await send('work-queue', { id: 'twice' }, { id: 'late' }, { id: 'never' });
    await expect.poll(() => done('twice')).toBe('1 1');
    expect(done('late')).toBeUndefined();
    await cloud.idle();
    expect([deliveries, done('late'), done('never')]).toEqual([3, '1 1', undefined]);
  });
});
