import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type WebhookSecret, webhookSecret } from '../contract/webhook.ts';
import { SecretError } from '../core/errors.ts';
import type { WebhookSecretStore } from '../core/ports.ts';
import { toSecretError } from './secret-errors.ts';

/** Milliseconds for which the receiver caches the secrets. */
const maxAgeMilliseconds = 60_000;

/**
 * Keeps the webhook secret in Secrets Manager.
 * @param freshMilliseconds maximum age of the secrets for a `fresh` read. Every forged signature causes such a read, so
 * this limits the calls to Secrets Manager.
 */
export function createWebhookSecretStore(
  secretArn: string,
  client = new SecretsManagerClient(),
  freshMilliseconds = 0,
): WebhookSecretStore {
  let kept: { value: WebhookSecret | undefined; readAt: number } | undefined;
  return {
    async read(fresh = false) {
      const maxAge = fresh ? freshMilliseconds : maxAgeMilliseconds;
      if (kept && Date.now() - kept.readAt < maxAge) return kept.value;
      const value = await fetchSecret(client, secretArn);
      kept = { value, readAt: Date.now() };
      return value;
    },
    async write(value) {
      const command = new PutSecretValueCommand({ SecretId: secretArn, SecretString: JSON.stringify(value) });
      try {
        await client.send(command);
      } catch (error) {
        throw toSecretError(error, 'written', secretArn) ?? error;
      }
      kept = undefined;
    },
  };
}

async function fetchSecret(client: SecretsManagerClient, secretArn: string): Promise<WebhookSecret | undefined> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    return SecretString === undefined ? undefined : parseSecret(SecretString, secretArn);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw toSecretError(error, 'read', secretArn) ?? error;
  }
}

/** Parses the secret. @throws SecretError that does not quote the secret; the error of JSON.parse would */
function parseSecret(text: string, secretArn: string): WebhookSecret {
  const parsed = webhookSecret.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new SecretError(
    `The secret ${secretArn} does not hold what the registration of the webhook endpoint wrote. Restore its previous version, or register the endpoint again.`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
