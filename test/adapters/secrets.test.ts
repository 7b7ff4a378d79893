import { clearCaches } from '@aws-lambda-powertools/parameters';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { readApiKey } from '../../lambdas/adapters/secrets.ts';
import { failureOf, SecretError } from '../../lambdas/core/errors.ts';
import { rejection } from '../support/api-caller.ts';

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
  it('is the secret without surrounding space, read once', async () => {
    manager.on(GetSecretValueCommand, { SecretId: arn }).resolves({ SecretString: ' test-key\n' });
    expect([await readApiKey(arn), await readApiKey(arn)]).toEqual(['test-key', 'test-key']);
    expect(gets()).toBe(1);
  });

  it('is read again after it was refused', async () => {
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

  it('that is not set yet is an error that says how to set it', async () => {
    const says = /holds no API key\. Put one there: aws secretsmanager put-secret-value/;
    manager.on(GetSecretValueCommand).rejects(noValue);
    await expect(readApiKey(arn)).rejects.toThrow(says);
    manager.on(GetSecretValueCommand).resolves({ SecretString: ' \n' });
    await expect(readApiKey(arn)).rejects.toThrow(says);
    manager.on(GetSecretValueCommand).resolves({ SecretBinary: new Uint8Array([1]) });
    await expect(readApiKey(arn, true)).rejects.toThrow(says);
  });

  it('that replaced an empty one is found, even if the empty one is still cached', async () => {
    manager.on(GetSecretValueCommand).resolvesOnce({ SecretString: ' ' }).resolvesOnce({ SecretString: ' ' });
    await expect(readApiKey(arn)).rejects.toThrow('holds no API key');
    manager.on(GetSecretValueCommand).resolves({ SecretString: 'test-key' });
    expect(await readApiKey(arn)).toBe('test-key');
  });

  it.each([
    [
      'AccessDeniedException',
      'Access to KMS is not allowed',
      /may not use the KMS key \(kms:Decrypt\).*encryption\.md/,
    ],
    ['AccessDeniedException', 'User: x is not authorized', /lacks secretsmanager:GetSecretValue/],
    ['DecryptionFailure', 'The ciphertext refers to a key that is disabled', /the KMS key is disabled/],
    ['InvalidRequestException', 'It was marked for deletion', /restore-secret/],
  ])('that AWS refuses to return (%s, %s) is an error that says what to do', async (name, message, says) => {
    manager
      .on(GetSecretValueCommand)
      .rejects(new SecretsManagerServiceException({ name, message, $fault: 'client', $metadata: {} }));
    const error = await rejection(readApiKey(arn));
    expect(error).toBeInstanceOf(SecretError);
    expect(String(error)).toMatch(says);
    expect(failureOf(error)).toMatchObject({ code: 'secret', message: expect.stringMatching(says) });
  });

  it('that cannot be read is a separate error', async () => {
    manager.on(GetSecretValueCommand).rejects(new Error('no permission'));
    await expect(readApiKey(arn)).rejects.toThrow('no permission');
  });
});
