import { ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSqsQueue, retryLater } from '../../lambdas/adapters/sqs-queue.ts';
import { rejection } from '../support/api-caller.ts';
import { type SmallCloud, startSmallCloud } from '../support/small-cloud.ts';

/** A queue that refuses the entries for which `refuses` returns true. */
function queueThatRefuses(refuses: (body: string, attempt: number) => boolean) {
  const taken: string[] = [];
  let attempt = 0;
  const client = new SQSClient({ region: 'eu-central-1' });
  const sizes: number[] = [];
  mockClient(client)
    .on(SendMessageBatchCommand)
    .callsFake(({ Entries }: { Entries: { Id: string; MessageBody: string }[] }) => {
      attempt += 1;
      sizes.push(Entries.length);
      const refused = Entries.filter(({ MessageBody }) => refuses(MessageBody, attempt));
      taken.push(...Entries.filter((entry) => !refused.includes(entry)).map(({ MessageBody }) => MessageBody));
      return { Successful: [], Failed: refused.map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError' })) };
    });
  return { queue: createSqsQueue('https://sqs.test/1/work-queue', client), taken, sizes };
}

const messages = Array.from({ length: 23 }, (_, number) => ({ body: { number } }));
const bodies = messages.map(({ body }) => JSON.stringify(body));

describe('sending to a queue', () => {
  it('sends only the refused entries of a batch again', async () => {
    const { queue, taken } = queueThatRefuses((body, attempt) => attempt <= 2 && /[37]/.test(body));
    await queue.send(messages);
    expect(taken.toSorted()).toEqual(bodies.toSorted());
  });

  it('fails if the queue keeps refusing an entry', async () => {
    const { queue } = queueThatRefuses((body) => body === '{"number":12}');
    await expect(queue.send(messages)).rejects.toThrow('did not take 1 of 10 messages');
  });

  it('splits batches at ten messages or at the maximum bytes of a request', async () => {
    const { queue, sizes } = queueThatRefuses(() => false);
    await queue.send(messages);
    await queue.send(Array.from({ length: 5 }, () => ({ body: 'x'.repeat(399_998) })));
    await queue.send([]);
    expect(sizes).toEqual([10, 10, 3, 2, 2, 1]);
  });

  it('counts bytes, not characters', async () => {
    const { queue, sizes } = queueThatRefuses(() => false);
    await queue.send(Array.from({ length: 4 }, () => ({ body: 'é'.repeat(200_000) })));
    expect(sizes).toEqual([2, 2]);
  });

  it('refuses a message that is too large for a request, and says its size', async () => {
    const { queue } = queueThatRefuses(() => false);
    await expect(queue.send([{ body: 'x'.repeat(1_000_000) }])).rejects.toThrow('A message of 1000002 bytes');
  });
});

describe('a queue of the embedded cloud', () => {
  let small: SmallCloud;
  let client: SQSClient;
  let url: string;
  beforeAll(async () => {
    small = await startSmallCloud();
    client = small.cloud.clients().sqs;
    url = small.cloud.queueUrl('WorkQueue');
  });
  afterAll(() => small.stop());

  const receive = async () => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    return Messages;
  };
  const bodiesOf = async () => {
    const bodies: unknown[] = [];
    for (let batch = await receive(); batch.length > 0; batch = await receive())
      bodies.push(...batch.map(({ Body = '' }): unknown => JSON.parse(Body)));
    return bodies;
  };

  it('delivers every message unchanged, with any characters', async () => {
    const texts = ['plain', 'é \u{1f600} \uffff \ufffe', 'lone \ud800', '"\\\n\u0000'];
    const bodies = [...texts.map((text) => ({ text })), ...messages.map(({ body }) => body)];
    await createSqsQueue(url, client).send(bodies.map((body) => ({ body })));
    const got = await bodiesOf();
    expect(got).toHaveLength(bodies.length);
    expect(got).toEqual(expect.arrayContaining(bodies));
  });

  it('holds back a delayed message', async () => {
    await createSqsQueue(url, client).send([{ body: 'later', delaySeconds: 900 }, { body: 'now' }]);
    expect(await bodiesOf()).toEqual(['now']);
    expect(small.cloud.queues()).toMatchObject([{ delayed: 1 }]);
  });

  it('delivers a failed message again as soon as it should', async () => {
    await createSqsQueue(url, client).send([{ body: 'again' }]);
    const [first] = await receive();
    expect(await receive()).toEqual([]);
    await retryLater(client, url, first?.ReceiptHandle ?? '', 0);
    expect(await receive()).toMatchObject([{ Body: '"again"' }]);
  });

  it('that does not exist is an error', async () => {
    const queue = createSqsQueue(`${url}-gone`, client);
    expect(await rejection(queue.send([{ body: 1 }]))).toBeInstanceOf(Error);
  });
});
