import { clearCaches } from '@aws-lambda-powertools/parameters';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readApiKey } from '../../lambdas/adapters/secrets.ts';

vi.stubEnv('AWS_REGION', 'eu-central-1');
const manager = mockClient(SecretsManagerClient);
beforeEach(() => {
  manager.reset();
  clearCaches();
});
afterAll(() => {
  manager.restore();
  vi.unstubAllEnvs();
});

const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:lake/api-key';
const noValue = new ResourceNotFoundException({ message: 'no value', $metadata: { httpStatusCode: 400 } });
const gets = () => manager.commandCalls(GetSecretValueCommand).length;

describe('the API key', () => {
  it('is the secret without the space around it, asked for once', async () => {
    manager.on(GetSecretValueCommand, { SecretId: arn }).resolves({ SecretString: ' test-key\n' });
    expect([await readApiKey(arn), await readApiKey(arn)]).toEqual(['test-key', 'test-key']);
    expect(gets()).toBe(1);
  });

  it('is asked for anew after it was refused', async () => {
    manager
      .on(GetSecretValueCommand)
      .resolvesOnce({ SecretString: 'test-key-one' })
      .resolves({ SecretString: 'test-key-two' });
    expect([await readApiKey(arn), await readApiKey(arn, true), await readApiKey(arn)]).toEqual([
      'test-key-one',
      'test-key-two',
      'test-key-two',
    ]);
  });

  it('that was not put there yet is an error that tells how to put it there', async () => {
    const says = /holds no API key\. Put one there: aws secretsmanager put-secret-value/;
    manager.on(GetSecretValueCommand).rejects(noValue);
    await expect(readApiKey(arn)).rejects.toThrow(says);
    manager.on(GetSecretValueCommand).resolves({ SecretString: ' \n' });
    await expect(readApiKey(arn)).rejects.toThrow(says);
    manager.on(GetSecretValueCommand).resolves({ SecretBinary: new Uint8Array([1]) });
    await expect(readApiKey(arn, true)).rejects.toThrow(says);
  });

  it('that cannot be read is an error of its own', async () => {
    manager.on(GetSecretValueCommand).rejects(new Error('no permission'));
    await expect(readApiKey(arn)).rejects.toThrow('no permission');
  });
});
