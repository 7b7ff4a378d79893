import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeadLetters, DeadLetter } from '../../../lambdas/core/ports.ts';
import { createDeadLetters } from '../../../ops/adapters/dead-letters.ts';
import { type SmallCloud, startSmallCloud } from '../../support/small-cloud.ts';

const letters = Array.from({ length: 23 }, (_, number) => `letter ${number}`);

describe('a dead-letter queue', () => {
  let small: SmallCloud;
  let queue: DeadLetters;
  beforeAll(async () => {
    small = await startSmallCloud();
    const { sqs } = small.cloud.clients();
    const url = small.cloud.queueUrl('work-queue');
    queue = createDeadLetters(url, sqs);
    for (const body of letters)
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [{ Id: '0', MessageBody: body }] }));
  });
  afterAll(() => small.stop());

  async function receiveAll(): Promise<DeadLetter[]> {
    const all: DeadLetter[] = [];
    for (let round = 0; round < 10; round += 1) {
      const some = await queue.receive(10);
      if (some.length === 0) break;
      all.push(...some);
    }
    return all;
  }

  it('returns each letter once, and again after its release, until it is deleted', async () => {
    const first = await receiveAll();
    expect(first.map(({ body }) => body).toSorted()).toEqual(letters.toSorted());
    await queue.release(first);
    expect(await queue.receive(3)).toHaveLength(3);
    const second = await receiveAll();
    expect(second).toHaveLength(20);
    await queue.delete(second);
    await queue.release(second);
    expect(await receiveAll()).toEqual([]);
  });
});

describe('dead letters that SQS refuses to delete or to put back', () => {
  const refusing = (refusals: number) => {
    const client = new SQSClient({ region: 'eu-central-1' });
    const asked: string[][] = [];
    const answer = ({ Entries }: { Entries: { Id: string; ReceiptHandle: string }[] }) => {
      asked.push(Entries.map(({ ReceiptHandle }) => ReceiptHandle));
      const Failed = asked.length <= refusals ? Entries.filter(({ ReceiptHandle }) => ReceiptHandle === 'b') : [];
      return { Failed };
    };
    const mock = mockClient(client);
    mock.on(DeleteMessageBatchCommand).callsFake(answer);
    mock.on(ChangeMessageVisibilityBatchCommand).callsFake(answer);
    return { queue: createDeadLetters('https://sqs.test/1/dead-letters', client), asked };
  };
  const handles = ['a', 'b', 'c'].map((handle) => ({ handle }));

  it.each(['delete', 'release'] as const)('are the only ones that are retried: %s', async (operation) => {
    const { queue, asked } = refusing(2);
    await queue[operation](handles);
    expect(asked).toEqual([['a', 'b', 'c'], ['b'], ['b']]);
  });

  it('are reported in the end', async () => {
    const { queue } = refusing(99);
    await expect(queue.delete(handles)).rejects.toThrow('1 dead letters were sent again and could not be deleted');
  });
});
