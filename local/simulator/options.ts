import type { Row } from './data/table.ts';
import type { TimeForm } from './instant.ts';
import type { Order } from './listing.ts';

export const charsets = ['utf-8', 'iso-8859-1', 'windows-1252', 'utf-16le'] as const;
export type Charset = (typeof charsets)[number];

/** Bounds of the number of leads before any change. */
export const leadBounds = { least: 1, most: 1_000_000 };

/** Who may send requests, how many, and how fast the answers come. */
interface AccessSettings {
  /** The only valid key. A request with another key is answered with 401. @default a fixed key, valid nowhere else */
  readonly apiKey: string;
  /** Scopes of the key. A request that needs another scope is answered with 403. @default all */
  readonly scopes: readonly string[];
  /** Whether the member who made the key may only read: writes are answered with 403. @default false */
  readonly readOnly: boolean;
  /** Wait before each answer. @default 0 */
  readonly latencyMilliseconds: number;
  /** Maximum random wait in addition to the latency. @default 0 */
  readonly jitterMilliseconds: number;
  /** Maximum requests in any window of `rateWindowMilliseconds`; more are refused. 0: no limit. @default 0 */
  readonly requestsPerMinute: number;
  /** Length of the rolling window of the rate limit. @default 60,000 */
  readonly rateWindowMilliseconds: number;
  /** Status of a request over the limit; a 403 has the code `quota_exceeded`. @default 429 */
  readonly limitStatus: 429 | 403;
  /** Whether a request over the limit is answered with `Retry-After`, in whole seconds. @default true */
  readonly retryAfter: boolean;
}

/** How lists are ordered, filtered and cut into pages. */
interface ListSettings {
  /** Rows per page if the request has no `limit`, or the API documents none for the list. @default 100 */
  readonly pageSize: number;
  /** The largest `limit`; a larger one is reduced to this. @default 500 */
  readonly maxPageSize: number;
  /** Order of all lists. `usual`: leads by change, other tables by creation. @default 'usual' */
  readonly order: Order | 'usual';
  /**
   * What a cursor holds. `keyset`: the place of the last row that the page showed, so added or deleted rows shift no
   * page. `offset`: the number of rows shown so far, so if a row is deleted, the reader skips another row.
   * @default 'keyset'
   */
  readonly cursors: 'keyset' | 'offset';
  /** A cursor older than this is expired. @default Infinity */
  readonly cursorMinutes: number;
  /** Status of a request with an expired cursor. @default 404 */
  readonly expiredStatus: 404 | 400 | 410;
  /** Resolution of the lead filters: both bounds and times of rows are truncated to it. @default 'millisecond' */
  readonly filterUnit: 'millisecond' | 'second';
  /** Whether the filters use the time that the row shows, or the API's own time of the last change. @default 'shown' */
  readonly filterBy: 'shown' | 'written';
  /** Whether `updated_after` and `created_after` include the given instant. @default false */
  readonly afterInclusive: boolean;
  /** Whether `updated_before` and `created_before` include the given instant. @default false */
  readonly beforeInclusive: boolean;
  /** Number of empty pages, each with a new cursor, before each page. @default 0 */
  readonly emptyPages: number;
  /** Tables whose lists are a single page without `pagination`. @default none */
  readonly unpaged: readonly string[];
}

/** How the workspace changes, and when the API shows the changes. */
interface ChangeSettings {
  /** How long after a write the API still shows the previous state of the row. @default 0 */
  readonly lagMinutes: number;
  /** Whether children are added before a run without a change of their parents. @default false */
  readonly quietParents: boolean;
  /** Whether a lead is deleted, one merged into another, and a deleted one restored before each run. @default false */
  readonly losses: boolean;
}

/** How answers differ from the truth or from the contract. */
interface AnswerSettings {
  /** Share (0 to 1) of requests for an existing row by id that are answered with 404. @default 0 */
  readonly strayIds: number;
  /** Share (0 to 1) of requests for the list of an existing parent that are answered with 404. @default 0 */
  readonly strayChildren: number;
  /** Share (0 to 1) of requests with a cursor that are answered as if it had expired. @default 0 */
  readonly strayPages: number;
  /** Tables whose lists are answered as if they had no rows. @default none */
  readonly empty: readonly string[];
  /** Tables whose lists end after half of their rows. @default none */
  readonly half: readonly string[];
  /** Tables whose lists are answered with `{"data":[],"errors":[…]}` and status 200. @default none */
  readonly erring: readonly string[];
  /** Answer for a row that was merged into another: that row (200), its address (301), or 404. @default 301 */
  readonly mergedStatus: 200 | 301 | 404;
  /** Format of all times in rows. @default 'iso' */
  readonly timeForm: TimeForm;
  /** Encoding of answers. Characters that the charset lacks are escaped. @default 'utf-8' */
  readonly charset: Charset;
}

/** How exports and webhooks behave. */
interface EventSettings {
  /** How many polls answer that a new export is not ready. @default 2 */
  readonly exportPolls: number;
  /** If set, new exports fail with this message. @default undefined */
  readonly exportFailure: string | undefined;
  /** Field of the answer that holds the signing secret of a new webhook endpoint. @default 'signing_secret' */
  readonly secretField: 'signing_secret' | 'secret' | 'none';
  /** Body of a webhook event. @default `{ id, event, created_at, data: { id, object } }` */
  readonly eventBody: (event: string, resourceId: string | undefined, deliveryId: string, now: Date) => Row;
  /** Maximum wait for the answer of a webhook endpoint. @default 5,000 */
  readonly deliveryTimeoutMilliseconds: number;
}

/** Settings that `configure` can change while the simulator runs. */
export interface SimulatorSettings
  extends AccessSettings,
    ListSettings,
    ChangeSettings,
    AnswerSettings,
    EventSettings {}

/** Options that are fixed at the start. */
export interface SimulatorOptions extends Partial<SimulatorSettings> {
  /** Number of leads before any change, 1 to 1,000,000. The other tables grow with it. @default 2,000 */
  readonly leads?: number;
  /** The same seed gives the same workspace, with the same epochs. @default 1 */
  readonly seed?: number;
  /**
   * Start times of the runs on this workspace, in order, the current run last. The workspace changes a little before
   * each run except the first. @default now
   */
  readonly epochs?: readonly Date[];
  /** Whether ids are numbers. @default false */
  readonly numericIds?: boolean;
  /**
   * Whether leads have two fields that the API's document does not name: `lead_score`, a whole number from 0 to 100, and
   * `taxId`, a text or null. @default false
   */
  readonly customFields?: boolean;
  /** Number of import errors per erroneous row of the imported file. @default 1 */
  readonly importErrorsPerRow?: number;
  /** Port on 127.0.0.1. @default 0: any free port */
  readonly port?: number;
  /** Clock of the whole simulator. @default the system clock */
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
    limitStatus: 429,
    retryAfter: true,
    pageSize: 100,
    maxPageSize: 500,
    order: 'usual',
    cursors: 'keyset',
    cursorMinutes: Infinity,
    expiredStatus: 404,
    filterUnit: 'millisecond',
    filterBy: 'shown',
    afterInclusive: false,
    beforeInclusive: false,
    emptyPages: 0,
    unpaged: [],
    lagMinutes: 0,
    quietParents: false,
    losses: false,
    strayIds: 0,
    strayChildren: 0,
    strayPages: 0,
    empty: [],
    half: [],
    erring: [],
    mergedStatus: 301,
    timeForm: 'iso',
    charset: 'utf-8',
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
