import type { WebhookSecret } from '../../contract/webhook.ts';
import { failureOf, NotFoundError, PipelineError, UnavailableError } from '../errors.ts';
import type { Clock, Log, RegisteredEndpoint, WebhookApi, WebhookSecretStore } from '../ports.ts';

/**
 * Keeps the vendor's webhook endpoint as the deployment wants it: exactly one endpoint at our address. Its signing
 * secret goes from the API's answer into Secrets Manager and nowhere else.
 */

export interface EndpointPorts {
  readonly api: WebhookApi;
  /** The same API with some more time: for what must be taken back after `api` has failed. */
  readonly cleanupApi: WebhookApi;
  readonly secrets: WebhookSecretStore;
  readonly clock: Clock;
  /** How long a secret that was replaced stays valid. */
  readonly previousSecretHours: number;
  readonly log: Log;
  readonly newId: () => string;
}

export interface EndpointWish {
  readonly url: string;
  readonly events: readonly string[];
}

const hour = 3_600_000;

/**
 * Registers the endpoint, or adopts the one that is there. An endpoint at our address whose secret nobody knows was
 * left by a deployment that broke off; it is deleted first, so that there are never two.
 * @throws PipelineError after everything that was made is deleted again; if that failed, its message says what is left
 */
export async function ensureEndpoint(wish: EndpointWish, ports: EndpointPorts): Promise<void> {
  const { api, secrets, log } = ports;
  const secret = await secrets.read(true);
  const endpoints = await api.endpoints();
  const own = endpoints.find((endpoint) => isUsable(endpoint, secret));
  await deleteAll(api, strays(endpoints, wish.url, secret, own?.id));
  if (!own || !secret) {
    await register(wish, { previous: expiring(secret, ports), retiring: null }, ports);
    return;
  }
  // Sets the whole, so it can be repeated.
  await api.update(own.id, wish);
  if (secret.retiring) await secrets.write({ ...secret, retiring: null });
  log.info('The webhook endpoint is as the deployment wants it.', { endpointId: own.id, events: wish.events.length });
}

/**
 * Deletes every endpoint of ours as far as that is possible. Never throws: an uninstallation goes on without the vendor.
 * @param url our address, if it is known
 * @returns a sentence for each thing that is left at the vendor
 */
export async function deleteEndpoint(url: string | undefined, { api, secrets, log }: EndpointPorts): Promise<string[]> {
  const left: string[] = [];
  const attempt = async <T>(what: string, action: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await action();
    } catch (error) {
      const { message } = failureOf(error);
      log.error(what, { reason: message });
      left.push(`${what} ${message}`);
      return undefined;
    }
  };
  const secret = await attempt('Which webhook endpoint is ours could not be read from its secret.', () =>
    secrets.read(true),
  );
  const known = [secret?.endpointId, secret?.retiring].filter((id) => typeof id === 'string');
  const listed = await attempt(
    `The webhook endpoints at the vendor could not be listed: if one has the address ${url ?? 'of this stack'}, delete it in ProspectB2B.`,
    () => api.endpoints(),
  );
  const strange = (listed ?? []).filter((endpoint) => url !== undefined && isAt(endpoint, url)).map(({ id }) => id);
  const deleted = new Set<string>();
  for (const id of new Set([...known, ...strange])) {
    const done = await attempt(
      `The webhook endpoint ${id} is left at the vendor: delete it in ProspectB2B.`,
      async () => {
        await deleteQuietly(api, id);
        return true;
      },
    );
    if (done) deleted.add(id);
  }
  if (!secret || deleted.size === 0) return left;
  // What is left stays in the secret, so that a later deployment can delete it.
  const unlessDeleted = (id: string | null | undefined) => (id && !deleted.has(id) ? id : null);
  const endpointId = unlessDeleted(secret.endpointId);
  await attempt('The secret still names the webhook endpoint that was deleted; the next deployment replaces it.', () =>
    secrets.write({ ...secret, endpointId, retiring: unlessDeleted(secret.retiring) }),
  );
  return left;
}

/**
 * Rotates the signing secret: the vendor gives a new one only with a new endpoint. The old secret stays valid beside
 * it for a while, for deliveries that were signed before. The old endpoint is named in the secret until it is deleted,
 * so a rotation that broke off is finished by the next one.
 * @param isRevoked the old secret is valid no longer: it may have leaked
 */
export async function rotateSecret(
  wish: EndpointWish,
  { isRevoked }: { isRevoked: boolean },
  ports: EndpointPorts,
): Promise<void> {
  const { api, secrets } = ports;
  const old = await secrets.read(true);
  if (!old?.retiring) {
    await deleteAll(api, strays(await api.endpoints(), wish.url, old, old?.endpointId));
    const previous = isRevoked ? null : expiring(old, ports);
    await register(wish, { previous, retiring: old?.endpointId ?? null }, ports);
  }
  const rotated = await secrets.read(true);
  if (!rotated?.retiring) return;
  await deleteQuietly(api, rotated.retiring);
  await secrets.write({ ...rotated, retiring: null, ...(isRevoked ? { previous: null } : {}) });
}

function expiring(
  secret: WebhookSecret | undefined,
  { clock, previousSecretHours }: EndpointPorts,
): WebhookSecret['previous'] {
  if (!secret) return null;
  const until = new Date(clock.now().getTime() + previousSecretHours * hour);
  return { secret: secret.current, until: until.toISOString() };
}

/** Creates an endpoint and keeps its secret; if either fails, the endpoint is deleted again. */
async function register(
  wish: EndpointWish,
  replaced: Pick<WebhookSecret, 'previous' | 'retiring'>,
  { api, cleanupApi, secrets, log, newId }: EndpointPorts,
): Promise<void> {
  let id: string | undefined;
  try {
    // New at each attempt: under an older key the vendor could answer with an endpoint that was deleted since.
    const created = await api.create(wish, `prospect-lake-${newId()}`);
    id = created.id;
    if (created.signingSecret === undefined) {
      throw new UnavailableError(
        'The API created the webhook endpoint without telling its signing secret, so no delivery could be verified. Report this to the vendor.',
      );
    }
    await secrets.write({ endpointId: id, current: created.signingSecret, ...replaced });
  } catch (error) {
    // The write may have been done although its answer was lost.
    const stored = await secrets.read(true).catch(() => undefined);
    if (id === undefined || stored?.endpointId !== id) {
      const keep = stored?.endpointId ?? replaced.retiring;
      throw withLeftovers(error, await takeBack(wish.url, id, keep, cleanupApi));
    }
  }
  log.info('The webhook endpoint is registered.', { endpointId: id, events: wish.events.length });
}

/**
 * Deletes what a failed registration may have left. Without an id the vendor may still have made the endpoint.
 * @returns what could not be deleted, for a person
 */
async function takeBack(
  url: string,
  id: string | undefined,
  keep: string | null | undefined,
  api: WebhookApi,
): Promise<string | undefined> {
  try {
    if (id !== undefined) await deleteQuietly(api, id);
    else
      await deleteAll(
        api,
        (await api.endpoints()).filter((one) => isAt(one, url) && one.id !== keep),
      );
    return undefined;
  } catch {
    return `The webhook endpoint ${id ?? `with the address ${url}`} may be left at the vendor: the next deployment deletes it, or delete it in ProspectB2B.`;
  }
}

function withLeftovers(error: unknown, left: string | undefined): unknown {
  if (left !== undefined && error instanceof PipelineError) error.message = `${error.message} ${left}`;
  return error;
}

/** Its secret is the one that we keep, and the vendor has not switched it off. */
function isUsable({ id, isDisabled, secretPrefix }: RegisteredEndpoint, secret: WebhookSecret | undefined): boolean {
  if (!secret || secret.endpointId !== id || isDisabled) return false;
  return secretPrefix === null || secret.current.startsWith(secretPrefix);
}

/** Endpoints that are ours, or at our address, and not the one to keep. */
function strays(
  endpoints: readonly RegisteredEndpoint[],
  url: string,
  secret: WebhookSecret | undefined,
  keep: string | null | undefined,
): RegisteredEndpoint[] {
  const known = new Set([secret?.endpointId, secret?.retiring]);
  return endpoints.filter((one) => one.id !== keep && (isAt(one, url) || known.has(one.id)));
}

function isAt(endpoint: RegisteredEndpoint, url: string): boolean {
  const plain = (text: string) => (URL.canParse(text) ? new URL(text).href : text).replace(/\/$/, '');
  return plain(endpoint.url) === plain(url);
}

async function deleteAll(api: WebhookApi, endpoints: readonly RegisteredEndpoint[]): Promise<void> {
  for (const { id } of endpoints) await deleteQuietly(api, id);
}

/** One that is deleted already is no error. */
async function deleteQuietly(api: WebhookApi, id: string): Promise<void> {
  try {
    await api.delete(id);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
