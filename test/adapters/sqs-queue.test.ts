import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { createSqsQueue } from '../../lambdas/adapters/sqs-queue.ts';

/** A queue that does not take the entries for which this says so. */
function queueThatRefuses(refuses: (body: string, attempt: number) => boolean) {
  const taken: string[] = [];
  let attempt = 0;
  const client = mockClient(SQSClient);
  client.on(SendMessageBatchCommand).callsFake(({ Entries }: { Entries: { Id: string; MessageBody: string }[] }) => {
    attempt += 1;
    const refused = Entries.filter(({ MessageBody }) => refuses(MessageBody, attempt));
    taken.push(...Entries.filter((entry) => !refused.includes(entry)).map(({ MessageBody }) => MessageBody));
    return { Successful: [], Failed: refused.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError' })) };
  });
  return { queue: createSqsQueue('https://sqs.test/1/work-queue', new SQSClient()), taken };
}

const messages = Array.from({ length: 23 }, (_, number) => ({ body: { number } }));
const bodies = messages.map(({ body }) => JSON.stringify(body));

describe('sending to a queue', () => {
  it('sends the entries of a batch again that the queue did not take, and only those', async () => {
    const { queue, taken } = queueThatRefuses((body, attempt) => attempt <= 2 && /[37]/.test(body));
    await queue.send(messages);
    expect(taken.toSorted()).toEqual(bodies.toSorted());
  });

  it('fails where the queue never takes one', async () => {
    const { queue } = queueThatRefuses((body) => body === '{"number":12}');
    await expect(queue.send(messages)).rejects.toThrow('did not take 1 of 10 messages');
  });
});
