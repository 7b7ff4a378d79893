import type { Row } from './data/table.ts';

/** What can be changed while the simulator runs, by `configure`. */
export interface SimulatorSettings {
  /** The one key that is taken; every other is answered with 401. @default a fixed key, valid nowhere else */
  readonly apiKey: string;
  /** Scopes of the key; without the one it needs, a request is answered with 403. @default all */
  readonly scopes: readonly string[];
  /** The member may only read: writes are answered with 403. @default false */
  readonly readOnly: boolean;
  /** Wait before each answer. @default 0 */
  readonly latencyMilliseconds: number;
  /** Random wait on top of it, up to this. @default 0 */
  readonly jitterMilliseconds: number;
  /** Requests taken in any `rateWindowMilliseconds`; those over it are answered with 429. 0: no limit. @default 0 */
  readonly requestsPerMinute: number;
  /** The rolling window of the limit. @default 60,000 */
  readonly rateWindowMilliseconds: number;
  /** Whether a 429 says `Retry-After`, in whole seconds. @default true */
  readonly retryAfter: boolean;
  /** Rows of a page where no `limit` is given or documented. @default 100 */
  readonly pageSize: number;
  /** The largest `limit` that is honoured; a larger one is taken as this. @default 500 */
  readonly maxPageSize: number;
  /** Whether `updated_after` and `created_after` include their own instant. @default false */
  readonly afterInclusive: boolean;
  /** Whether `updated_before` and `created_before` include their own instant. @default false */
  readonly beforeInclusive: boolean;
  /** How often a new export says that it is not ready before it is. @default 2 */
  readonly exportPolls: number;
  /** Where set, new exports fail with this message instead of becoming ready. @default undefined */
  readonly exportFailure: string | undefined;
  /** Field of the creation's answer that holds the signing secret of a webhook endpoint. @default 'signing_secret' */
  readonly secretField: 'signing_secret' | 'secret' | 'none';
  /** Body of a webhook event. @default `{ id, event, created_at, data: { id, object } }` */
  readonly eventBody: (event: string, resourceId: string | undefined, deliveryId: string, now: Date) => Row;
  /** Longest wait for the answer of a webhook endpoint. @default 5,000 */
  readonly deliveryTimeoutMilliseconds: number;
}

export interface SimulatorOptions extends Partial<SimulatorSettings> {
  /** Leads before any epoch, 1 to 1,000,000; the other tables grow with them. @default 2,000 */
  readonly leads?: number;
  /** The same seed gives the same workspace. @default 1 */
  readonly seed?: number;
  /** Starts of the runs on this workspace, in order, this one last. It changes a little before each but the first. @default now */
  readonly epochs?: readonly Date[];
  /** @default 0: any free port */
  readonly port?: number;
  /** Clock of writes and webhook deliveries. @default the system's */
  readonly now?: () => Date;
}

const defaultApiKey = 'pb2b_live_simulator_local';

export function defaultSettings(scopes: readonly string[]): SimulatorSettings {
  return {
    apiKey: defaultApiKey,
    scopes,
    readOnly: false,
    latencyMilliseconds: 0,
    jitterMilliseconds: 0,
    requestsPerMinute: 0,
    rateWindowMilliseconds: 60_000,
    retryAfter: true,
    pageSize: 100,
    maxPageSize: 500,
    afterInclusive: false,
    beforeInclusive: false,
    exportPolls: 2,
    exportFailure: undefined,
    secretField: 'signing_secret',
    eventBody: (event, resourceId, deliveryId, now) => ({
      id: deliveryId,
      event,
      created_at: now.toISOString(),
      data: { ...(resourceId === undefined ? {} : { id: resourceId }), object: event.slice(0, event.indexOf('.')) },
    }),
    deliveryTimeoutMilliseconds: 5_000,
  };
}
