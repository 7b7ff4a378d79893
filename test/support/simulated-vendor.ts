import { NotFoundError } from '../../lambdas/core/errors.ts';
import type { Delivery, ExportApi, ExportSource, WebhookApi } from '../../lambdas/core/ports.ts';
import {
  type WebhookEvent,
  webhookEvents,
  webhookHeaders,
  type WebhookSecret,
} from '../../lambdas/contract/webhook.ts';
import type { Row } from '../../local/simulator/data/table.ts';
import { ExportJobs } from '../../local/simulator/exports.ts';
import { IdempotentAnswers } from '../../local/simulator/idempotency.ts';
import { defaultSettings } from '../../local/simulator/options.ts';
import { Webhooks } from '../../local/simulator/webhooks.ts';
import type { Workspace } from '../../local/simulator/workspace.ts';
import type { Vendor } from './crash-cloud.ts';
import type { SentEvent } from './event-oracle.ts';

/** Receives a delivery. @returns the status of the answer; undefined if none came */
export type Receiver = (delivery: { headers: Record<string, string>; body: string }) => Promise<number | undefined>;

export interface VendorOptions {
  /** The only URL that deliveries reach; other endpoints of the workspace receive nothing. */
  readonly url: () => string;
  readonly receive: Receiver;
  /** Number of polls that find an export not ready. */
  readonly exportPolls: number;
  /** Called as soon as an export is created. If present, every export is ready at once. */
  readonly onExport?: (exportId: string) => void;
}

/** The simulator's export jobs and webhooks, without its server. */
export class SimulatedVendor implements Vendor {
  readonly exports: ExportApi;
  readonly webhooks: WebhookApi;
  readonly files: ExportSource;
  /** Events sent so far, by delivery id, whether or not they arrived. */
  readonly sent = new Map<string, SentEvent>();
  readonly #workspace: Workspace;
  readonly #jobs: ExportJobs;
  readonly #endpoints: Webhooks;
  readonly #answers = new IdempotentAnswers();

  constructor(workspace: Workspace, options: VendorOptions) {
    const settings = { ...defaultSettings([]), exportPolls: options.exportPolls };
    this.#workspace = workspace;
    this.#jobs = new ExportJobs(workspace, () => settings);
    this.#endpoints = new Webhooks(
      workspace,
      () => settings,
      async (address, headers, body) => {
        if (address !== options.url())
          return { status: null, headers: {}, snippet: null, error: 'There is nobody at this address.' };
        const id = headers[webhookHeaders.delivery] ?? '';
        this.sent.set(id, { id, event: headers[webhookHeaders.event] ?? '', body });
        const status = (await options.receive({ headers: { ...headers }, body })) ?? null;
        const isTaken = status !== null && status >= 200 && status < 300;
        return { status, headers: {}, snippet: null, error: isTaken ? null : 'It was not taken.' };
      },
    );
    this.exports = this.#exportApi(options);
    this.webhooks = this.#webhookApi();
    this.files = { open: async (fileKey) => this.#open(fileKey) };
  }

  /** Registers an endpoint for all events. @returns its secret, as the register function stores it */
  register(url: string): WebhookSecret {
    const current = 'whsec_of_the_trials';
    const { id } = this.#endpoints.register({ url, events: webhookEvents }, current);
    return { endpointId: String(id), current, previous: null };
  }

  emit(event: WebhookEvent, resourceId?: string): Promise<Row[]> {
    return this.#endpoints.emit(event, resourceId);
  }

  endpointsAt(url: string): string[] {
    return this.#rows('webhook_endpoints')
      .filter((row) => row['url'] === url)
      .map(({ id }) => String(id));
  }

  /** Lines of the file of a finished export. */
  file(exportId: string): Iterable<string> {
    return this.#jobs.file(exportId);
  }

  #rows(table: string): Row[] {
    return this.#workspace.rows(table);
  }

  #open(fileKey: string) {
    const row = this.#rows('exports').find((each) => each['file_key'] === fileKey);
    if (!row) return undefined;
    const body = Buffer.from([...this.#jobs.file(String(row['id']))].join(''));
    return {
      body: (async function* () {
        yield body;
      })(),
      etag: '"file"',
    };
  }

  #exportApi({ onExport }: VendorOptions): ExportApi {
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    return {
      create: async (key) => {
        const made = await this.#answers.once(key, 'POST /exports', '{}', async () => {
          const data = this.#jobs.create(true);
          if (onExport) {
            this.#jobs.download(String(data['id']));
            onExport(String(data['id']));
          }
          return { data };
        });
        return { id: idOf(made.data) };
      },
      read: async (id) => {
        const row = this.#workspace.find('exports', id);
        if (!row) throw new NotFoundError('There is no such export.');
        const { status, row_count, file_key, error_message } = row;
        return {
          status: text(status),
          rowCount: typeof row_count === 'number' ? row_count : null,
          fileKey: text(file_key),
          errorMessage: text(error_message),
          requestId: null,
        };
      },
      readiness: async (id) => {
        const row = this.#jobs.download(id);
        if (!row) throw new NotFoundError('There is no such export.');
        return { ready: row['download_ready'] === true, fileKey: text(row['file_key']) };
      },
    };
  }

  #webhookApi(): WebhookApi {
    const there = (id: string) => {
      if (!this.#workspace.visibleRow('webhook_endpoints', id)) throw new NotFoundError('There is no such endpoint.');
    };
    const deliveries = (endpointId: string): Delivery[] => {
      const parent = this.#workspace.visibleRow('webhook_endpoints', endpointId);
      return this.#workspace.rows('webhook_deliveries', parent).map((row) => ({
        id: String(row['id']),
        createdAt: new Date(String(row['created_at'])),
        failed: row['status'] === 'failed',
        willRetry: false,
        isRefused: false,
      }));
    };
    return {
      endpoints: async () =>
        this.#workspace.rows('webhook_endpoints').map((row) => ({
          id: String(row['id']),
          url: String(row['url']),
          secretPrefix: typeof row['signing_secret_prefix'] === 'string' ? row['signing_secret_prefix'] : null,
          isDisabled: typeof row['disabled_at'] === 'string',
        })),
      create: async ({ url, events }, key) => {
        const { data } = await this.#answers.once(key, 'POST /webhooks', JSON.stringify([url, events]), async () => ({
          data: this.#endpoints.register({ url, events }),
        }));
        const secret = 'signing_secret' in data ? data['signing_secret'] : undefined;
        return { id: idOf(data), signingSecret: typeof secret === 'string' ? secret : undefined };
      },
      update: async (id, { url, events }) => {
        there(id);
        this.#workspace.update('webhook_endpoints', id, { url, events: [...events] });
      },
      delete: async (id) => {
        there(id);
        this.#workspace.remove('webhook_endpoints', id);
      },
      async *deliveries(endpointId) {
        yield* deliveries(endpointId);
      },
      retry: async (endpointId, deliveryId) => {
        if (!(await this.#endpoints.retry(endpointId, deliveryId)))
          throw new NotFoundError('There is no such delivery.');
      },
    };
  }
}

function idOf(data: Row | readonly Row[]): string {
  return 'id' in data ? String(data['id']) : '';
}
