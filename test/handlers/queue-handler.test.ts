import { Logger } from '@aws-lambda-powertools/logger';
import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Failure } from '../../lambdas/contract/run.ts';
import { UnavailableError } from '../../lambdas/core/errors.ts';
import { queueHandler } from '../../lambdas/handlers/queue-handler.ts';

vi.stubEnv('AWS_REGION', 'eu-central-1');
// Otherwise Powertools bypasses the test's console.
vi.stubEnv('POWERTOOLS_DEV', 'true');
const sqs = mockClient(SQSClient);
const lines: string[] = [];
beforeEach(() => {
  sqs.reset();
  sqs.on(ChangeMessageVisibilityCommand).resolves({});
  lines.length = 0;
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => void vi.restoreAllMocks());
afterAll(() => {
  sqs.restore();
  vi.unstubAllEnvs();
});

const schema = z.object({ task: z.string(), error: z.enum(['vendor', 'foreign']).optional() });
type Message = z.infer<typeof schema>;
const foreign = new Error('ada@example.com is not a date');

function worker(giveUp?: () => Promise<void>) {
  const processed: string[] = [];
  const givenUp: [Message, Failure][] = [];
  const told: string[] = [];
  const handler = queueHandler<Message>({
    queueUrl: 'https://sqs.test/1/work-queue',
    schema,
    logger: new Logger({ serviceName: 'lake' }),
    maxReceiveCount: 3,
    retryBaseSeconds: 30,
    async process({ task, error }) {
      processed.push(task);
      told.push(`process ${task}`);
      if (error === 'vendor') throw new UnavailableError('The API is down.', { requestId: 'req_1' });
      if (error === 'foreign') throw foreign;
    },
    async giveUp(message, failure) {
      givenUp.push([message, failure]);
      await giveUp?.();
    },
    async beforeLastAttempt({ task }, { getRemainingTimeInMillis }) {
      told.push(`beforeLastAttempt ${task} in ${getRemainingTimeInMillis()} ms`);
    },
    async afterLastAttempt({ task }) {
      told.push(`afterLastAttempt ${task}`);
    },
  });
  return { processed, givenUp, told, take: async (...Records: SQSRecord[]) => handler({ Records }, context) };
}

const record = (messageId: string, body: unknown, receives = 1): SQSRecord => ({
  messageId,
  receiptHandle: `handle-${messageId}`,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  attributes: {
    ApproximateReceiveCount: String(receives),
    SentTimestamp: '0',
    SenderId: 'x',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-central-1:111122223333:work-queue',
  awsRegion: 'eu-central-1',
});
/** The used parts of a context; the rest of its type is deprecated callbacks. */
const context = z.custom<Context>().parse({ awsRequestId: 'r1', getRemainingTimeInMillis: () => 300_000 });
const failures = (...ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });
const delays = () =>
  sqs
    .commandCalls(ChangeMessageVisibilityCommand)
    .map(({ args }) => [args[0].input.ReceiptHandle, args[0].input.VisibilityTimeout]);

describe('the last attempt at a message', () => {
  it('first records what holds if it dies, and withdraws that if it does not', async () => {
    const { told, take } = worker();
    await take(record('1', { task: 'a' }, 3));
    expect(told).toEqual(['beforeLastAttempt a in 300000 ms', 'process a', 'afterLastAttempt a']);
  });

  it('withdraws nothing if it fails', async () => {
    const { told, take } = worker();
    await take(record('1', { task: 'a', error: 'vendor' }, 3));
    expect(told).toEqual(['beforeLastAttempt a in 300000 ms', 'process a']);
  });

  it('is the only one that records this', async () => {
    const { told, take } = worker();
    await take(record('1', { task: 'a' }, 2));
    expect(told).toEqual(['process a']);
  });
});

describe('a batch', () => {
  it('that succeeds has no failures', async () => {
    const { take, processed } = worker();
    expect(await take(record('a', { task: 'a' }), record('b', { task: 'b' }))).toEqual(failures());
    expect(processed).toEqual(['a', 'b']);
    expect(delays()).toEqual([]);
  });

  it('continues after a failed message, and names it', async () => {
    const { take, processed } = worker();
    const batch = [record('a', { task: 'a' }), record('b', { task: 'b', error: 'vendor' }), record('c', { task: 'c' })];
    expect(await take(...batch)).toEqual(failures('b'));
    expect(processed).toEqual(['a', 'b', 'c']);
    expect(delays()).toEqual([['handle-b', 30]]);
  });

  it('with only failures names them all, and the invocation succeeds', async () => {
    const { take } = worker();
    const batch = ['a', 'b'].map((id) => record(id, { task: id, error: 'vendor' }));
    expect(await take(...batch)).toEqual(failures('a', 'b'));
  });

  it('names none of the previous batch', async () => {
    const { take } = worker();
    await take(record('a', { task: 'a', error: 'vendor' }));
    expect(await take(record('b', { task: 'b' }))).toEqual(failures());
  });

  it.each(['{"task": 5}', '{"task"', '', '{"task": "x", "error": "ada@example.com"}'])(
    'continues after a message that does not belong to its queue, logged without its content: %j',
    async (body) => {
      const { take, processed, givenUp } = worker();
      expect(await take(record('a', body), record('b', { task: 'b' }))).toEqual(failures('a'));
      expect(processed).toEqual(['b']);
      expect(givenUp).toEqual([]);
      expect(delays()).toEqual([['handle-a', 0]]);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/"messageId": ?"a"/);
      expect(lines[0]).not.toContain('ada@');
    },
  );
});

describe('a message that fails', () => {
  it('comes again after a wait that grows with each receive', async () => {
    const { take } = worker();
    for (const receives of [1, 2]) await take(record('a', { task: 'a', error: 'vendor' }, receives));
    expect(delays().map(([, seconds]) => seconds)).toEqual([30, 60]);
  });

  it('is given up only on its last receive, with the reason, and becomes a dead letter at once', async () => {
    const { take, givenUp } = worker();
    const message: Message = { task: 'a', error: 'vendor' };
    for (const receives of [1, 2]) await take(record('a', message, receives));
    expect(givenUp).toEqual([]);
    expect(await take(record('a', message, 3))).toEqual(failures('a'));
    expect(givenUp).toEqual([[message, { code: 'unavailable', message: 'The API is down.', requestId: 'req_1' }]]);
    expect(delays().at(-1)).toEqual(['handle-a', 0]);
  });

  it('stays failed if its wait cannot be set', async () => {
    sqs.on(ChangeMessageVisibilityCommand).rejects(new Error('gone'));
    const { take } = worker();
    expect(await take(record('a', { task: 'a', error: 'vendor' }), record('b', { task: 'b' }))).toEqual(failures('a'));
  });

  it('stays failed if it cannot be given up, becomes a dead letter at once, and both failures are logged', async () => {
    const { take } = worker(async () => {
      throw new TypeError('no access');
    });
    expect(await take(record('a', { task: 'a', error: 'vendor' }, 3))).toEqual(failures('a'));
    expect(delays()).toEqual([['handle-a', 0]]);
    expect(lines.join('\n')).toContain('The API is down.');
    expect(lines.join('\n')).toContain('TypeError');
  });

  it('is logged with the reason', async () => {
    await worker().take(record('a', { task: 'a', error: 'vendor' }, 2));
    const failure = { code: 'unavailable', message: 'The API is down.', requestId: 'req_1' };
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([{ receives: 2, isLast: false, failure }]);
  });

  it('is logged with where it failed, but without the message of an unknown error', async () => {
    const { take, givenUp } = worker();
    await take(record('a', { task: 'a', error: 'foreign' }, 3));
    expect(lines.join('\n')).toContain('queue-handler.test.ts');
    expect(lines.join('\n')).not.toContain('ada@');
    expect(JSON.stringify(givenUp)).not.toContain('ada@');
  });
});
