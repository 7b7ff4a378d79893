import type { WebhookSecret } from '../../contract/webhook.ts';
import { NotFoundError, UnavailableError } from '../errors.ts';
import type { Log, WebhookApi, WebhookSecretStore } from '../ports.ts';

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
  await replaceEndpoint(wish, idempotencyKey, { previous: null, retiring: null }, ports);
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
  if (secret?.retiring) await deleteQuietly(api, secret.retiring);
  if (!secret?.endpointId) return;
  await deleteQuietly(api, secret.endpointId);
  await secrets.write({ ...secret, endpointId: null, retiring: null });
  log.info('The webhook endpoint is deleted.', { endpointId: secret.endpointId });
}

/**
 * Rotates the signing secret: the vendor gives a new one only with a new endpoint. Until the next rotation
 * the old secret stays valid beside it, for deliveries that were signed before. Asked again after it was
 * interrupted, it goes on where it was, and leaves no endpoint behind: the key of the new endpoint is made of
 * the old one, and the old one is named in the secret until it is deleted.
 */
export async function rotateSecret(wish: EndpointWish, ports: EndpointPorts): Promise<void> {
  const { api, secrets } = ports;
  const old = await secrets.read(true);
  if (!old?.retiring) {
    const replaced = { previous: old?.current ?? null, retiring: old?.endpointId ?? null };
    await replaceEndpoint(wish, `prospect-lake-rotate-${old?.endpointId ?? 'none'}`, replaced, ports);
  }
  const rotated = await secrets.read(true);
  if (!rotated?.retiring) return;
  await deleteQuietly(api, rotated.retiring);
  await secrets.write({ ...rotated, retiring: null });
}

async function replaceEndpoint(
  wish: EndpointWish,
  idempotencyKey: string,
  replaced: Pick<WebhookSecret, 'previous' | 'retiring'>,
  { api, secrets, log }: EndpointPorts,
): Promise<void> {
  const { id, signingSecret } = await createLiving(wish, idempotencyKey, api);
  try {
    if (signingSecret === undefined) {
      throw new UnavailableError(
        'The API created the webhook endpoint without telling its signing secret, so no delivery could be verified. The endpoint is deleted again; report this to the vendor.',
      );
    }
    await secrets.write({ endpointId: id, current: signingSecret, ...replaced });
  } catch (error) {
    // The answer may have been lost and not the secret.
    if ((await secrets.read(true))?.endpointId !== id) {
      await deleteQuietly(api, id);
      throw error;
    }
  }
  log.info('The webhook endpoint is registered.', { endpointId: id, events: wish.events.length });
}

/** Attempts at one registration that have each deleted their endpoint again. */
const maxKeys = 10;

/** The answer of an earlier attempt may be of an endpoint that this attempt has deleted again: then there must be another. */
async function createLiving(wish: EndpointWish, idempotencyKey: string, api: WebhookApi) {
  for (let attempt = 1; attempt <= maxKeys; attempt += 1) {
    const created = await api.create(wish, attempt === 1 ? idempotencyKey : `${idempotencyKey}-${attempt}`);
    try {
      await api.update(created.id, wish);
      return created;
    } catch (error) {
      if (error instanceof NotFoundError) continue;
      await deleteQuietly(api, created.id);
      throw error;
    }
  }
  throw new UnavailableError(
    `The API has answered ${maxKeys} times with a webhook endpoint that is deleted. Register it again later; report this to the vendor.`,
  );
}

async function deleteQuietly(api: WebhookApi, id: string): Promise<void> {
  try {
    await api.delete(id);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
