import type { Row } from './data/table.ts';
import type { TimeForm } from './instant.ts';
import type { Order } from './listing.ts';

export const charsets = ['utf-8', 'iso-8859-1', 'windows-1252', 'utf-16le'] as const;
export type Charset = (typeof charsets)[number];

/** Who may ask, how often, and how fast the answer comes. */
interface AccessSettings {
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
  /** Requests taken in any `rateWindowMilliseconds`; those over it are refused. 0: no limit. @default 0 */
  readonly requestsPerMinute: number;
  /** The rolling window of the limit. @default 60,000 */
  readonly rateWindowMilliseconds: number;
  /** Status of a request over the limit; a 403 has the code `quota_exceeded`. @default 429 */
  readonly limitStatus: 429 | 403;
  /** Whether a request over the limit is answered with `Retry-After`, in whole seconds. @default true */
  readonly retryAfter: boolean;
}

/** How lists are ordered, filtered and cut into pages. */
interface ListSettings {
  /** Rows of a page if no `limit` is given or documented. @default 100 */
  readonly pageSize: number;
  /** The largest `limit` that is honoured; a larger one is taken as this. @default 500 */
  readonly maxPageSize: number;
  /** Order of all lists. `usual`: leads by change, the others by creation. @default 'usual' */
  readonly order: Order | 'usual';
  /**
   * What a cursor holds. `keyset`: the place of the last row given, so rows that come or go shift no page.
   * `offset`: how many rows were given, so a row that goes makes the reader miss another one.
   * @default 'keyset'
   */
  readonly cursors: 'keyset' | 'offset';
  /** A cursor older than this is refused. @default Infinity */
  readonly cursorMinutes: number;
  /** Status of a request with a cursor that is too old. @default 404 */
  readonly expiredStatus: 404 | 400 | 410;
  /** The smallest time that the filters of leads can tell apart: they cut bounds and rows to it. @default 'millisecond' */
  readonly filterUnit: 'millisecond' | 'second';
  /** Whether the filters look at what the row shows, or at the API's own time of its last change. @default 'shown' */
  readonly filterBy: 'shown' | 'written';
  /** Whether `updated_after` and `created_after` include their own instant. @default false */
  readonly afterInclusive: boolean;
  /** Whether `updated_before` and `created_before` include their own instant. @default false */
  readonly beforeInclusive: boolean;
  /** Empty pages, each with a new cursor, before each page. @default 0 */
  readonly emptyPages: number;
  /** Tables whose lists come without `pagination`, as one page. @default none */
  readonly unpaged: readonly string[];
}

/** How the workspace changes, and when the API shows it. */
interface ChangeSettings {
  /** How long after a write the API goes on to show the row as it was. @default 0 */
  readonly lagMinutes: number;
  /** Epochs add children to rows without changing these. @default false */
  readonly quietParents: boolean;
  /** Each epoch also deletes a lead, merges one into another, and restores one that was deleted. @default false */
  readonly losses: boolean;
}

/** How answers differ from the truth, or from what the contract shows. */
interface AnswerSettings {
  /** Of requests for a row by its id, the share (0 to 1) that is answered with 404 although the row is there. @default 0 */
  readonly strayIds: number;
  /** Of requests for a list below a row, the same. @default 0 */
  readonly strayChildren: number;
  /** Of requests with a cursor, the share that is answered as if it had expired. @default 0 */
  readonly strayPages: number;
  /** Tables whose lists are answered as if there were no rows. @default none */
  readonly empty: readonly string[];
  /** Tables whose lists end after half of their rows. @default none */
  readonly half: readonly string[];
  /** Tables whose lists are answered with `{"data":[],"errors":[…]}` and status 200. @default none */
  readonly erring: readonly string[];
  /** What a row that was merged into another is answered with: its new address, or that it is not there. @default 301 */
  readonly mergedStatus: 301 | 404;
  /** How all times of rows are written. @default 'iso' */
  readonly timeForm: TimeForm;
  /** In which answers are encoded; what it lacks is escaped. @default 'utf-8' */
  readonly charset: Charset;
}

/** Exports and webhooks. */
interface EventSettings {
  /** How often a new export says that it is not ready before it is. @default 2 */
  readonly exportPolls: number;
  /** If set, new exports fail with this message instead of becoming ready. @default undefined */
  readonly exportFailure: string | undefined;
  /** Field of the creation's answer that holds the signing secret of a webhook endpoint. @default 'signing_secret' */
  readonly secretField: 'signing_secret' | 'secret' | 'none';
  /** Body of a webhook event. @default `{ id, event, created_at, data: { id, object } }` */
  readonly eventBody: (event: string, resourceId: string | undefined, deliveryId: string, now: Date) => Row;
  /** Longest wait for the answer of a webhook endpoint. @default 5,000 */
  readonly deliveryTimeoutMilliseconds: number;
}

/** What can be changed while the simulator runs, by `configure`. */
export interface SimulatorSettings
  extends AccessSettings,
    ListSettings,
    ChangeSettings,
    AnswerSettings,
    EventSettings {}

/** What is fixed at the start. */
export interface SimulatorOptions extends Partial<SimulatorSettings> {
  /** Leads before any epoch, 1 to 1,000,000; the other tables grow with them. @default 2,000 */
  readonly leads?: number;
  /** The same seed gives the same workspace. @default 1 */
  readonly seed?: number;
  /** Starts of the runs on this workspace, in order, this one last. It changes a little before each but the first. @default now */
  readonly epochs?: readonly Date[];
  /** Ids are numbers. @default false */
  readonly numericIds?: boolean;
  /** Errors of an import that share a row of its file. @default 1 */
  readonly importErrorsPerRow?: number;
  /** @default 0: any free port */
  readonly port?: number;
  /** Clock of the whole simulator. @default the system's */
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
