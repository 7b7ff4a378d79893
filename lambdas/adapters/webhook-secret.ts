import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type WebhookSecret, webhookSecret } from '../contract/webhook.ts';
import type { WebhookSecretStore } from '../core/ports.ts';

/** Milliseconds for which the receiver keeps the secrets before it asks again. */
const maxAgeMilliseconds = 60_000;

export function createWebhookSecretStore(secretArn: string, client = new SecretsManagerClient()): WebhookSecretStore {
  let kept: { value: WebhookSecret | undefined; until: number } | undefined;
  return {
    async read(fresh = false) {
      if (!fresh && kept && kept.until > Date.now()) return kept.value;
      const value = await fetchSecret(client, secretArn);
      kept = { value, until: Date.now() + maxAgeMilliseconds };
      return value;
    },
    async write(value) {
      await client.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString: JSON.stringify(value) }));
      kept = undefined;
    },
  };
}

async function fetchSecret(client: SecretsManagerClient, secretArn: string): Promise<WebhookSecret | undefined> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
    return SecretString === undefined ? undefined : webhookSecret.parse(JSON.parse(SecretString));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
