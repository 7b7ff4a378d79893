import { randomBytes } from 'node:crypto';
import type { Row } from './data/table.ts';
import { deliver } from './delivery.ts';
import type { SimulatorSettings } from './options.ts';
import { signatureOf } from './signature.ts';
import type { WebhookEvent } from '../../lambdas/contract/webhook.ts';
import type { Workspace } from './workspace.ts';

const prefixLength = 10;
/** Writes of the API itself, such as a delivery's status, are visible at once, even if other changes lag. */
const atOnce = { lagMinutes: 0 };

/** Webhook endpoints, their signing secrets and their deliveries. */
export class Webhooks {
  readonly #workspace: Workspace;
  readonly #settings: () => SimulatorSettings;
  readonly #deliver: typeof deliver;
  readonly #secrets = new Map<string, string>();
  /** Raw bodies by delivery id, so that a retry sends the same bytes. */
  readonly #bodies = new Map<string, string>();

  constructor(workspace: Workspace, settings: () => SimulatorSettings, send: typeof deliver = deliver) {
    this.#workspace = workspace;
    this.#settings = settings;
    this.#deliver = send;
  }

  /**
   * Creates an endpoint. Only this answer contains the secret.
   * @param secret signing secret; a random one by default
   */
  register(fields: { url: string; description?: string | null; events: readonly string[] }, secret = newSecret()): Row {
    const row = this.#workspace.create(
      'webhook_endpoints',
      {
        ...fields,
        signing_secret_prefix: secret.slice(0, prefixLength),
      },
      undefined,
      atOnce,
    );
    this.#secrets.set(String(row['id']), secret);
    const { secretField } = this.#settings();
    return secretField === 'none' ? row : { ...row, [secretField]: secret };
  }

  /**
   * Sends an event to each endpoint subscribed to it.
   * @param resourceId undefined: the body of the event names no resource
   * @returns the deliveries, as their list shows them afterwards
   */
  async emit(event: WebhookEvent, resourceId?: string): Promise<Row[]> {
    const endpoints = this.#workspace
      .rows('webhook_endpoints')
      .filter(({ events, disabled_at }) => Array.isArray(events) && events.includes(event) && !disabled_at);
    return Promise.all(endpoints.map((endpoint) => this.#send(endpoint, event, resourceId)));
  }

  #send(endpoint: Row, event: WebhookEvent, resourceId: string | undefined): Promise<Row> {
    const delivery = this.#workspace.create(
      'webhook_deliveries',
      { event, payload_redacted: { event, data: resourceId === undefined ? {} : { id: resourceId } } },
      String(endpoint['id']),
      atOnce,
    );
    const id = String(delivery['id']);
    this.#bodies.set(
      id,
      JSON.stringify(this.#settings().eventBody(event, resourceId, id, new Date(this.#workspace.now()))),
    );
    return this.#attempt(endpoint, delivery);
  }

  /** Sends a delivery again: the same id and body, with a new signature. Undefined if there is no such delivery. */
  async retry(endpointId: string, deliveryId: string): Promise<Row | undefined> {
    const endpoint = this.#workspace.find('webhook_endpoints', endpointId);
    const delivery = this.delivery(endpointId, deliveryId);
    return endpoint && delivery && this.#attempt(endpoint, delivery);
  }

  delivery(endpointId: string, deliveryId: string): Row | undefined {
    const delivery = this.#workspace.find('webhook_deliveries', deliveryId);
    return this.#workspace.parentOf('webhook_deliveries', deliveryId) === endpointId ? delivery : undefined;
  }

  async #attempt(endpoint: Row, delivery: Row): Promise<Row> {
    const id = String(delivery['id']);
    const event = String(delivery['event']);
    const body = this.#bodies.get(id) ?? JSON.stringify(delivery['payload_redacted']);
    const at = new Date(this.#workspace.now());
    const timestamp = Math.floor(at.getTime() / 1_000);
    const told = {
      'x-prospectb2b-event': event,
      'x-prospectb2b-delivery': id,
      'x-prospectb2b-timestamp': String(timestamp),
    };
    const signature = signatureOf(this.#secrets.get(String(endpoint['id'])) ?? '', timestamp, body);
    const { status, headers, snippet, error } = await this.#deliver(
      String(endpoint['url']),
      { ...told, 'x-prospectb2b-signature': signature },
      body,
      this.#settings().deliveryTimeoutMilliseconds,
    );
    const time = at.toISOString();
    if (error === null && this.#workspace.visibleRow('webhook_endpoints', String(endpoint['id']))) {
      this.#workspace.update('webhook_endpoints', String(endpoint['id']), { last_delivered_at: time }, atOnce);
    }
    const fields = {
      status: error === null ? 'delivered' : 'failed',
      request_headers: told,
      response_status_code: status,
      response_headers: headers,
      response_body_snippet: snippet,
      error_message: error,
      attempt_count: Number(delivery['attempt_count']) + 1,
      delivered_at: error === null ? time : null,
      last_attempted_at: time,
    };
    // The endpoint and its deliveries may have been deleted while the request was under way.
    return this.#workspace.visibleRow('webhook_deliveries', id)
      ? this.#workspace.update('webhook_deliveries', id, fields, atOnce)
      : { ...delivery, ...fields };
  }
}

function newSecret(): string {
  return `whsec_${randomBytes(24).toString('hex')}`;
}
