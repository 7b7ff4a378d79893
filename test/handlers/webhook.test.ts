import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { webhookMessage } from '../../lambdas/contract/webhook.ts';
import {
  deliveries,
  gatewayEvent,
  goodDelivery,
  isVerified,
  messageOf,
  now,
  secrets,
} from '../support/webhook-deliveries.ts';
import { tries } from '../support/tries.ts';

vi.stubEnv('AWS_REGION', 'eu-central-1');
vi.stubEnv('POWERTOOLS_DEV', 'true');
vi.stubEnv('REFRESH_QUEUE_URL', 'https://sqs.test/1/refresh');
vi.stubEnv('WEBHOOK_SECRET_ARN', 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:webhook');
const { handler } = await import('../../lambdas/handlers/webhook.ts');

const seconds = now / 1_000;
const sqs = mockClient(SQSClient);
const manager = mockClient(SecretsManagerClient);
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now });
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const { current } = secrets;
  const previous = { secret: secrets.previous, until: new Date(now + 86_400_000).toISOString() };
  manager
    .on(GetSecretValueCommand)
    .resolves({ SecretString: JSON.stringify({ endpointId: 'wh_1', current, previous }) });
});
beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageBatchCommand).resolves({});
});
afterAll(() => {
  sqs.restore();
  manager.restore();
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const numRuns = Number(process.env['HOSTILE_RUNS'] ?? tries(200, 1_000));
const seed = Number(process.env['HOSTILE_SEED'] ?? 1);

const sent = () =>
  sqs
    .commandCalls(SendMessageBatchCommand)
    .flatMap(({ args }) => (args[0].input.Entries ?? []).map(({ MessageBody = '' }) => MessageBody));
/**
 * Whether SQS accepts every character of the text.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
function isTakenBySqs(text: string): boolean {
  const isTaken = (one: string) => '\t\n\r'.includes(one) || (one >= ' ' && !'\uFFFE\uFFFF'.includes(one));
  return text.isWellFormed() && Array.from(text, isTaken).every(Boolean);
}

describe('a request to the webhook endpoint', () => {
  it('is queued once if the vendor signed it, whatever it says; otherwise it is refused, and never an error', {
    timeout: 600_000,
  }, async () => {
    let taken = 0;
    const property = fc.asyncProperty(deliveries, async (one) => {
      sqs.resetHistory();
      const isGood = isVerified(one);
      const event = gatewayEvent(one);
      const { statusCode, body } = await handler(event);
      expect(isGood ? [202] : [401, 413]).toContain(statusCode);
      const messages = sent();
      expect(messages).toHaveLength(isGood ? 1 : 0);
      if (!isGood) return;
      taken += 1;
      expect(body).toBe('{"received":true}');
      for (const message of messages) {
        expect(isTakenBySqs(message)).toBe(true);
        expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1_048_576);
        expect(webhookMessage.parse(JSON.parse(message))).toMatchObject(messageOf(one));
      }
    });
    await fc.assert(property, { numRuns, seed });
    expect(taken).toBeGreaterThan(numRuns / 20);
  });

  it('with random headers and body is refused', { timeout: 600_000 }, async () => {
    const anything = fc.record({
      headers: fc.dictionary(
        fc.oneof(
          fc.string(),
          fc.constantFrom('event', 'delivery', 'timestamp', 'signature').map((name) => `x-prospectb2b-${name}`),
        ),
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(String(seconds), 'v1=', 'lead.updated')),
      ),
      body: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      isBase64Encoded: fc.boolean(),
    });
    const property = fc.asyncProperty(anything, async (one) => {
      sqs.resetHistory();
      const { statusCode } = await handler(z.custom<APIGatewayProxyEventV2>().parse(one));
      expect([401, 413]).toContain(statusCode);
      expect(sent()).toEqual([]);
    });
    await fc.assert(property, { numRuns, seed });
  });

  it('with a forged signature makes the receiver read the secrets at most once in five seconds', async () => {
    const forged = gatewayEvent({ ...goodDelivery(seed), key: { value: secrets.foreign, good: false } });
    vi.setSystemTime(now + 10_000);
    manager.resetHistory();
    for (let request = 0; request < 50; request += 1) expect(await handler(forged)).toMatchObject({ statusCode: 401 });
    expect(manager.commandCalls(GetSecretValueCommand)).toHaveLength(1);
    vi.setSystemTime(now + 15_000);
    await handler(forged);
    expect(manager.commandCalls(GetSecretValueCommand)).toHaveLength(2);
    vi.setSystemTime(now);
  });

  it('that comes again is queued again with the same delivery id', async () => {
    const one = goodDelivery(seed);
    await handler(gatewayEvent(one));
    await handler(gatewayEvent(one));
    expect(sent().map((message) => webhookMessage.parse(JSON.parse(message)).deliveryId)).toEqual([
      one.id.value,
      one.id.value,
    ]);
  });
});
