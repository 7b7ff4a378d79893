import { getSecret } from '@aws-lambda-powertools/parameters/secrets';

/** Seconds for which a function keeps a secret before it asks again. */
const maxAge = 300;

/**
 * The API key, as text. Kept for five minutes; `fresh` asks again at once, for a key that was just refused.
 * @throws Error where the secret is empty, which is how it is made
 */
export async function readApiKey(secretArn: string, fresh = false): Promise<string> {
  const value = await getSecret(secretArn, { maxAge, forceFetch: fresh });
  const key = typeof value === 'string' ? value.trim() : '';
  if (key === '')
    throw new Error(
      `The secret ${secretArn} holds no API key. Put one there: aws secretsmanager put-secret-value --secret-id <arn> --secret-string <key>.`,
    );
  return key;
}
