import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createWebhookSecretStore } from '../../lambdas/adapters/webhook-secret.ts';
import { rejection } from '../support/api-caller.ts';

const client = new SecretsManagerClient({ region: 'eu-central-1' });
const manager = mockClient(client);
const noValue = new ResourceNotFoundException({ message: 'no value', $metadata: { httpStatusCode: 400 } });
const first = { endpointId: 'wh_1', current: 'whsec_test_one', previous: null };
const second = {
  endpointId: 'wh_2',
  current: 'whsec_test_two',
  previous: { secret: 'whsec_test_one', until: '2026-11-25T03:00:00.000Z' },
};

beforeEach(() => {
  manager.reset();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('has no signing secrets before the endpoint is registered', async () => {
  manager.on(GetSecretValueCommand).rejects(noValue);
  expect(await createWebhookSecretStore('arn', client).read()).toBeUndefined();
});

it('caches the signing secrets for a minute, unless told to read them again', async () => {
  manager
    .on(GetSecretValueCommand)
    .resolvesOnce({ SecretString: JSON.stringify(first) })
    .resolvesOnce({ SecretString: JSON.stringify(second) })
    .resolves({ SecretString: JSON.stringify(first) });
  const store = createWebhookSecretStore('arn', client);
  expect([await store.read(), await store.read()]).toEqual([first, first]);
  expect(await store.read(true)).toEqual(second);
  vi.advanceTimersByTime(59_999);
  expect(await store.read()).toEqual(second);
  vi.advanceTimersByTime(1);
  expect(await store.read()).toEqual(first);
});

it('reads its own writes', async () => {
  manager
    .on(GetSecretValueCommand)
    .resolvesOnce({ SecretString: JSON.stringify(first) })
    .resolves({ SecretString: JSON.stringify(second) });
  manager.on(PutSecretValueCommand).resolves({});
  const store = createWebhookSecretStore('arn', client);
  await store.read();
  await store.write(second);
  expect(await store.read()).toEqual(second);
  const [put] = manager.commandCalls(PutSecretValueCommand);
  expect(JSON.parse(put?.args[0].input.SecretString ?? '')).toEqual(second);
});

it.each(['whsec_test_plain', '{"current": "whsec_test_plain"}'])(
  'refuses a secret in another form, and does not quote it: %s',
  async (SecretString) => {
    manager.on(GetSecretValueCommand).resolves({ SecretString });
    const error = await rejection(createWebhookSecretStore('arn', client).read());
    expect(String(error)).not.toContain('whsec');
  },
);

it('fails with the error of AWS if it may not read the secret', async () => {
  const denied = new Error('no permission');
  manager.on(GetSecretValueCommand).rejects(denied);
  expect(await rejection(createWebhookSecretStore('arn', client).read())).toBe(denied);
});
