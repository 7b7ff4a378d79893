import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { ResourceNotFoundException } from '@aws-sdk/client-secrets-manager';
import { SecretError } from '../core/errors.ts';
import { toSecretError } from './secret-errors.ts';

/** Seconds for which a function caches a secret. */
const maxAge = 300;

/**
 * The API key, as text. Cached for five minutes. `fresh` bypasses the cache, for use after the key was refused.
 * @throws SecretError if the secret cannot be read or is empty (as it is after its creation)
 */
export async function readApiKey(secretArn: string, fresh = false): Promise<string> {
  const key = textOf(await secretValue(secretArn, fresh)) || textOf(await secretValue(secretArn, true));
  if (key === '')
    throw new SecretError(
      `The secret ${secretArn} holds no API key. Put one there: aws secretsmanager put-secret-value --secret-id ${secretArn} --secret-string file://key.txt. Then deploy or run again.`,
    );
  return key;
}

/**
 * The key for hashing personal data, as text.
 * @throws SecretError if there is none: hashes made with another key would not join with existing ones
 */
export async function readHashKey(secretArn: string): Promise<string> {
  const key = await secretValue(secretArn, false);
  if (typeof key === 'string' && key !== '') return key;
  throw new SecretError(
    `The secret ${secretArn} holds no key to hash personal data with. The Data stack creates this key. If it was deleted, restore it: aws secretsmanager restore-secret --secret-id <arn>.`,
  );
}

const textOf = (value: unknown) => (typeof value === 'string' ? value.trim() : '');

/** The value of a secret; undefined if the secret has no value yet or does not exist. */
async function secretValue(secretArn: string, fresh: boolean): Promise<unknown> {
  try {
    return await getSecret(secretArn, { maxAge, forceFetch: fresh });
  } catch (error) {
    // Powertools wraps the SDK's errors.
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof ResourceNotFoundException) return undefined;
    throw toSecretError(cause, 'read', secretArn) ?? error;
  }
}
