import type { WebhookSecret } from '../contract/webhook.ts';
import { NotFoundError, UnavailableError } from './errors.ts';
import type { Log, WebhookApi, WebhookSecretStore } from './ports.ts';

/** Keeps the vendor's webhook endpoint as the deployment wants it. Its signing secret goes from the API's answer into Secrets Manager and nowhere else. */

export interface EndpointPorts {
  readonly api: WebhookApi;
  readonly secrets: WebhookSecretStore;
  readonly log: Log;
}

export interface EndpointWish {
  readonly url: string;
  readonly events: readonly string[];
}

/**
 * Creates the endpoint. Where its secret cannot be kept, the endpoint is deleted again: nothing is left
 * that nobody can verify.
 * @param idempotencyKey the same on each attempt at one deployment
 */
export async function createEndpoint(wish: EndpointWish, idempotencyKey: string, ports: EndpointPorts): Promise<void> {
  await replaceEndpoint(wish, idempotencyKey, null, ports);
}

/** Changes the endpoint; one that was deleted at the vendor meanwhile is created anew. */
export async function updateEndpoint(wish: EndpointWish, idempotencyKey: string, ports: EndpointPorts): Promise<void> {
  const secret = await ports.secrets.read(true);
  if (!secret?.endpointId) return createEndpoint(wish, idempotencyKey, ports);
  try {
    await ports.api.update(secret.endpointId, wish);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    await createEndpoint(wish, idempotencyKey, ports);
  }
}

/** Deletes the endpoint; one that is gone already is no error. */
export async function deleteEndpoint({ api, secrets, log }: EndpointPorts): Promise<void> {
  const secret = await secrets.read(true);
  if (!secret?.endpointId) return;
  await deleteQuietly(api, secret.endpointId);
  await secrets.write({ ...secret, endpointId: null });
  log.info('The webhook endpoint is deleted.', { endpointId: secret.endpointId });
}

/**
 * Rotates the signing secret: the vendor gives a new one only with a new endpoint. Until the next rotation
 * the old secret stays valid beside it, for deliveries that were signed before.
 */
export async function rotateSecret(wish: EndpointWish, idempotencyKey: string, ports: EndpointPorts): Promise<void> {
  const old = await ports.secrets.read(true);
  await replaceEndpoint(wish, idempotencyKey, old?.current ?? null, ports);
  if (old?.endpointId) await deleteQuietly(ports.api, old.endpointId);
}

async function replaceEndpoint(
  wish: EndpointWish,
  idempotencyKey: string,
  previous: string | null,
  { api, secrets, log }: EndpointPorts,
): Promise<void> {
  const { id, signingSecret } = await api.create(wish, idempotencyKey);
  try {
    if (signingSecret === undefined) {
      throw new UnavailableError(
        'The API created the webhook endpoint without telling its signing secret, so no delivery could be verified. The endpoint is deleted again; report this to the vendor.',
      );
    }
    const value: WebhookSecret = { endpointId: id, current: signingSecret, previous };
    await secrets.write(value);
  } catch (error) {
    await deleteQuietly(api, id);
    throw error;
  }
  log.info('The webhook endpoint is registered.', { endpointId: id, events: wish.events.length });
}

async function deleteQuietly(api: WebhookApi, id: string): Promise<void> {
  try {
    await api.delete(id);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
