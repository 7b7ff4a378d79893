import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { ResourceNotFoundException } from '@aws-sdk/client-secrets-manager';
import { SecretError } from '../core/errors.ts';
import { explained } from './secret-errors.ts';

/** Seconds for which a function keeps a secret before it asks again. */
const maxAge = 300;

/**
 * The API key, as text. Kept for five minutes; `fresh` asks again at once, for a key that was just refused.
 * @throws SecretError if the secret is empty, which is how it is made, or cannot be read
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
 * The key that personal data is hashed with, as text.
 * @throws SecretError if there is none: a hash made with another would join with nothing that is there
 */
export async function readHashKey(secretArn: string): Promise<string> {
  const key = await secretValue(secretArn, false);
  if (typeof key === 'string' && key !== '') return key;
  throw new SecretError(
    `The secret ${secretArn} holds no key to hash personal data with. The Data stack makes it; where it was deleted, restore it: aws secretsmanager restore-secret --secret-id <arn>.`,
  );
}

const textOf = (value: unknown) => (typeof value === 'string' ? value.trim() : '');

/** @returns undefined where the secret has no value yet, or there is none of this name */
async function secretValue(secretArn: string, fresh: boolean): Promise<unknown> {
  try {
    return await getSecret(secretArn, { maxAge, forceFetch: fresh });
  } catch (error) {
    // Powertools wraps what the SDK throws.
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof ResourceNotFoundException) return undefined;
    throw explained(cause, 'read', secretArn) ?? error;
  }
}
