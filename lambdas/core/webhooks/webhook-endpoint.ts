/**
 * Keeps exactly one webhook endpoint registered at the vendor with our address, configured as the deployment says. Its
 * signing secret goes from the API's answer to Secrets Manager and nowhere else.
 */

import type { WebhookSecret } from '../../contract/webhook.ts';
import { failureOf, NotFoundError, PipelineError, UnavailableError } from '../errors.ts';
import type { Clock, Log, RegisteredEndpoint, WebhookApi, WebhookSecretStore } from '../ports.ts';

export interface EndpointPorts {
  readonly api: WebhookApi;
  /** The same API with extra time, to undo things after `api` has failed. */
  readonly cleanupApi: WebhookApi;
  readonly secrets: WebhookSecretStore;
  readonly clock: Clock;
  /** How long a replaced secret stays valid. */
  readonly previousSecretHours: number;
  readonly log: Log;
  readonly newId: () => string;
}

export interface DesiredEndpoint {
  readonly url: string;
  readonly events: readonly string[];
}

const hour = 3_600_000;

/**
 * Registers the endpoint, or adopts an existing one. If an endpoint has our address but we do not know its secret, an
 * interrupted deployment left it. That endpoint is deleted first, so that there are never two.
 * @throws PipelineError after deleting everything that was made; if that failed, the message says what remains
 */
export async function ensureEndpoint(desired: DesiredEndpoint, ports: EndpointPorts): Promise<void> {
  const { api, secrets, log } = ports;
  const secret = await secrets.read(true);
  const endpoints = await api.endpoints();
  const own = endpoints.find((endpoint) => isUsable(endpoint, secret));
  await deleteAll(api, endpointsToDelete(endpoints, desired.url, secret, own?.id));
  if (!own || !secret) {
    await register(desired, { previous: expiring(secret, ports), retiring: null }, ports);
    return;
  }
  // The update sets all fields, so it can be repeated.
  await api.update(own.id, desired);
  if (secret.retiring) await secrets.write({ ...secret, retiring: null });
  log.info('The webhook endpoint matches the deployment.', {
    endpointId: own.id,
    events: desired.events.length,
  });
}

/**
 * Deletes our endpoints as far as possible. Never throws: uninstalling must work without the vendor.
 * @param url our address, if known
 * @returns a sentence for each thing that remains at the vendor
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
  const secret = await attempt('The secret that names the webhook endpoint of this stack could not be read.', () =>
    secrets.read(true),
  );
  const known = [secret?.endpointId, secret?.retiring].filter((id) => typeof id === 'string');
  const listed = await attempt(
    `The webhook endpoints at the vendor could not be listed. If one has the address ${url ?? 'of this stack'}, delete it in ProspectB2B.`,
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
  // Endpoints that could not be deleted stay in the secret, so that a later deployment can delete them.
  const unlessDeleted = (id: string | null | undefined) => (id && !deleted.has(id) ? id : null);
  const endpointId = unlessDeleted(secret.endpointId);
  await attempt('The secret still names the webhook endpoint that was deleted; the next deployment replaces it.', () =>
    secrets.write({ ...secret, endpointId, retiring: unlessDeleted(secret.retiring) }),
  );
  return left;
}

/**
 * Rotates the signing secret. The vendor gives out a new secret only with a new endpoint. The old secret stays valid
 * for `previousSecretHours`, for deliveries that were signed with it. The stored secret names the old endpoint until
 * that endpoint is deleted, so the next rotation completes an interrupted one.
 * @param isRevoked true if the old secret may have leaked; it becomes invalid at once
 */
export async function rotateSecret(
  desired: DesiredEndpoint,
  { isRevoked }: { isRevoked: boolean },
  ports: EndpointPorts,
): Promise<void> {
  const { api, secrets } = ports;
  const old = await secrets.read(true);
  if (!old?.retiring) {
    await deleteAll(api, endpointsToDelete(await api.endpoints(), desired.url, old, old?.endpointId));
    const previous = isRevoked ? null : expiring(old, ports);
    await register(desired, { previous, retiring: old?.endpointId ?? null }, ports);
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

/** Creates an endpoint and stores its secret. If either fails, the endpoint is deleted again. */
async function register(
  desired: DesiredEndpoint,
  replaced: Pick<WebhookSecret, 'previous' | 'retiring'>,
  { api, cleanupApi, secrets, log, newId }: EndpointPorts,
): Promise<void> {
  let id: string | undefined;
  try {
    // Each attempt has a new key: for an old key the vendor could return an endpoint that has been deleted since.
    const created = await api.create(desired, `prospect-lake-${newId()}`);
    id = created.id;
    if (created.signingSecret === undefined) {
      throw new UnavailableError(
        'The API created the webhook endpoint without giving its signing secret, so no delivery could be verified. Report this to the vendor.',
      );
    }
    await secrets.write({ endpointId: id, current: created.signingSecret, ...replaced });
  } catch (error) {
    // The write may have succeeded although its answer was lost.
    const stored = await secrets.read(true).catch(() => undefined);
    if (id === undefined || stored?.endpointId !== id) {
      const keep = stored?.endpointId ?? replaced.retiring;
      throw withLeftovers(error, await deleteLeftovers(desired.url, id, keep, cleanupApi));
    }
  }
  log.info('The webhook endpoint is registered.', { endpointId: id, events: desired.events.length });
}

/**
 * Deletes what a failed registration may have left. Even if no id was returned, the vendor may have made the endpoint.
 * @returns a sentence for a person about what could not be deleted; undefined if nothing is left
 */
async function deleteLeftovers(
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

/** True if we hold the secret of the endpoint and the vendor has not disabled it. */
function isUsable({ id, isDisabled, secretPrefix }: RegisteredEndpoint, secret: WebhookSecret | undefined): boolean {
  if (!secret || secret.endpointId !== id || isDisabled) return false;
  return secretPrefix === null || secret.current.startsWith(secretPrefix);
}

/** Endpoints to delete: all of ours and all at our address, except the one to keep. */
function endpointsToDelete(
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

/** Deletes an endpoint. One that is already deleted is no error. */
async function deleteQuietly(api: WebhookApi, id: string): Promise<void> {
  try {
    await api.delete(id);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
