import { UsageError } from '../cli/usage-error.ts';
import { assemble } from './assemble.ts';
import type { Row } from './data/table.ts';
import { basePath } from './operations.ts';
import { leadBounds, type SimulatorOptions, type SimulatorSettings } from './options.ts';
import type { ExpectedRow } from './oracle.ts';
import { type LoggedRequest, RequestLog } from './request-log.ts';
import { ApiServer } from './server.ts';
import type { WebhookEvent } from '../../lambdas/contract/webhook.ts';

const loggedRequests = 10_000;

/** A running simulator of the ProspectB2B API. Tests can change its workspace and read what it holds. */
export interface Simulator {
  /** Base URL of the API; ends in `/api/public/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  stop(): Promise<void>;
  /** Changes settings, from the next request on. */
  configure(settings: Partial<SimulatorSettings>): void;

  /** Every row that a full read would give now, table by table, in the order of the registry. */
  expected(): Iterable<ExpectedRow>;
  /** {@link expected} for one table: fields as the API gives them, and the id of the parent. */
  expectedRows(table: string): Iterable<Row>;
  /** Number of rows by table. */
  counts(): Record<string, number>;

  /** Adds an epoch, the start time of a run: the workspace changes a little in the minutes before it. */
  advance(epoch: Date): void;
  createLead(fields?: Row): Row;
  /** Changes fields of a lead. Sets `updated_at` to now, unless the fields contain it. */
  updateLead(id: string, fields: Row): Row;
  /** @returns false if there was no such lead */
  deleteLead(id: string): boolean;
  /** Creates a row in any table whose rows have ids. A table with a parent needs `parentId`. */
  create(table: string, fields: Row, parentId?: string): Row;
  update(table: string, id: string, fields: Row): Row;
  remove(table: string, id: string): boolean;

  /** Lines of the CSV file of a completed export. */
  exportFile(exportId: string): Iterable<string>;

  /** Registers an endpoint with a secret chosen by the caller. */
  registerWebhook(endpoint: { url: string; events: readonly WebhookEvent[]; secret: string }): Row;
  /**
   * Sends a signed event to each endpoint subscribed to it.
   * @returns the deliveries in their final state
   */
  emit(event: WebhookEvent, resourceId?: string): Promise<Row[]>;

  /** The latest 10,000 requests, oldest first. */
  readonly requests: readonly LoggedRequest[];
  /** Number of requests by operation since the start, or since `clearRequests`. */
  requestCounts(): Record<string, number>;
  clearRequests(): void;
}

/**
 * Starts a simulator on 127.0.0.1.
 * @throws UsageError if the number of leads is out of bounds
 * @throws RangeError if the epochs are not valid times at least 20 ms apart
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, leads = 2_000, ...more } = options;
  if (!Number.isInteger(leads) || leads < leadBounds.least || leads > leadBounds.most) {
    throw new UsageError(
      `The simulator makes workspaces of ${leadBounds.least} to ${leadBounds.most} leads, not of ${leads}.`,
    );
  }
  const { workspace, exports, webhooks, oracle, api, settings, configure } = assemble({ leads, ...more });
  const log = new RequestLog(loggedRequests);
  const server = new ApiServer({ api, settings, log });
  const listening = await server.listen(port);

  return {
    baseUrl: `http://127.0.0.1:${listening}${basePath}`,
    get apiKey() {
      return settings().apiKey;
    },
    stop: () => server.close(),
    configure,
    expected: () => oracle.expected(),
    expectedRows: (table) => oracle.rows(table),
    counts: () => oracle.counts(),
    advance: (epoch) => workspace.advance(epoch),
    createLead: (fields = {}) => workspace.create('leads', fields),
    updateLead: (id, fields) => workspace.update('leads', id, fields),
    deleteLead: (id) => workspace.remove('leads', id),
    create: (table, fields, parentId) => workspace.create(table, fields, parentId),
    update: (table, id, fields) => workspace.update(table, id, fields),
    remove: (table, id) => workspace.remove(table, id),
    exportFile: (exportId) => exports.file(exportId),
    registerWebhook: ({ secret, ...endpoint }) => webhooks.register(endpoint, secret),
    emit: (event, resourceId) => webhooks.emit(event, resourceId),
    get requests() {
      return log.latest();
    },
    requestCounts: () => log.counts(),
    clearRequests: () => log.clear(),
  };
}
