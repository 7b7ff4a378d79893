import { pipelineStateKey } from '../../lambdas/contract/object-keys.ts';
import { childReads } from '../../lambdas/contract/pipeline-tables.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { type CustomColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import type { PersonalChoice } from '../../lambdas/contract/personal-data.ts';
import { type PipelineState, pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { Api, Clock } from '../../lambdas/core/ports.ts';
import { readForgotten } from '../../lambdas/core/rows/forgotten.ts';
import { rootOf } from '../../lambdas/core/runs/families.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import { streams, withParents } from '../../lambdas/streams/registry.ts';
import type { ProgressDisplay } from '../../local/cli/progress-display.ts';
import { Damage } from '../lake/damage.ts';
import type { Target } from '../target.ts';
import { auditTable } from './audit-table.ts';
import { checkFiles, type FileFindings, type Retention } from './check-files.ts';
import { comparedContent } from './compared-columns.ts';
import { estimateRequests, requestsByTable, sampleOf, sampleWithin } from './estimate.ts';
import { nightlyReports, streamsRead, watermarkOf } from './nights-read.ts';
import { type TableSnapshot, type LostDataFile, openCurrent, openSnapshot } from './read-lake.ts';
import { withBudget } from './request-budget.ts';
import type { Bounds, Parents, TableAudit } from './table-audit.ts';

export interface AuditRequest {
  /** Names of streams to audit. Undefined: all that nightly runs read and that are switched on. */
  readonly streams: readonly string[] | undefined;
  readonly bounds: Bounds;
  /** True: compares the children of every row. False: compares the children of a sample. */
  readonly all: boolean;
  /** Requests that an audit of a sample may make. The sample is as large as this allows. */
  readonly sampleRequests: number;
  /** The same seed gives the same sample. */
  readonly seed: string;
  readonly mostRequests: number;
}

/** Settings from the configuration. Undefined if this checkout does not configure the workspace. */
export interface AuditSettings {
  /** Streams that are switched on; their parents are read too. Undefined: all. */
  readonly streams?: readonly string[] | undefined;
  /** ISO time. Leads that have not changed since then are not loaded. */
  readonly startDate: string | undefined;
  readonly retention: Retention | undefined;
  readonly personalData?: PersonalChoice | undefined;
  readonly customColumns?: CustomColumns | undefined;
}

export interface Audit {
  readonly tables: readonly TableAudit[];
  /** Lost data files of current tables. */
  readonly lostData: readonly LostDataFile[];
  /** Findings about the files of the history. */
  readonly files: FileFindings;
  /** Other objects that cannot be read: for each key a message that says what happened and what to do. */
  readonly damage: ReadonlyMap<string, string>;
  readonly requests: number;
  /** Streams that nightly runs read and that are switched on. */
  readonly streams: readonly string[];
}

export interface AuditPorts extends Pick<Target, 'store' | 'warehouse'> {
  readonly api: Api;
  readonly clock: Clock;
  readonly progress: ProgressDisplay;
  /** Called before the first request. @throws if the person does not want to wait for that many requests */
  readonly onEstimate: (estimate: AuditEstimate) => void;
  /** Called before the first request for rows. @throws if the key belongs to another workspace than the tables */
  readonly checkKey: () => Promise<void>;
  /** Called before differing rows are requested again, with the table and the number of further requests. */
  readonly onReread: (table: string, requests: number) => void;
  /** Called with each page that was read. */
  readonly onPage: (page: AuditPage) => void;
}

export interface AuditEstimate {
  readonly requests: number;
  /** Parents per table whose children are compared; undefined: all. */
  readonly sample: number | undefined;
  /** Number of requests that comparing the children of all rows would take. */
  readonly requestsForAll: number;
}

export interface AuditPage {
  /** The table that is being read. */
  readonly table: string;
  /** Tables that were read so far, this one included. */
  readonly tables: number;
  /** Rows of all tables that were read so far. */
  readonly rows: number;
  /** Requests of the audit so far, without retries. */
  readonly requests: number;
  /** Requests of the whole audit, estimated. */
  readonly expected: number;
}

/**
 * Compares the API with the current tables, table by table, parents first. Compares the files of the lake with the
 * pipeline's receipts. Changes nothing.
 * @throws PipelineError that is fatal, such as a refused key
 */
export async function audit(request: AuditRequest, settings: AuditSettings, ports: AuditPorts): Promise<Audit> {
  const { store, clock, progress } = ports;
  const damage = new Damage();
  // Read before the tables, so whatever a run adds to the tables in the meantime is newer than the watermarks.
  const state = (await damage.readJson(store, pipelineStateKey, pipelineState)) ?? emptyState;
  const nights = await nightlyReports(store, clock.now(), damage);
  const on = streamsRead(state, nights, settings.streams);
  const wanted = (request.streams ? withParents(request.streams) : on).map((stream) =>
    withCustomColumns(stream, settings.customColumns ?? {}),
  );
  // Opened before the API is read: an opened table does not change, so a later answer of the API can only be newer.
  const sides = new Map<string, TableSnapshot>();
  for (const stream of wanted) {
    const side = await openSnapshot(stream, { ...ports, damage });
    if (side) sides.set(stream.name, side);
  }
  const tables = await compareTables({ request, settings, wanted, sides, state, nights }, ports);
  const ledger = await openCurrent(childReads, { ...ports, damage });
  const files = await checkFiles(
    { tables: request.streams && new Set(wanted.map(({ name }) => name)), ...settings, now: clock.now() },
    { store, damage, onRun: (at, of) => progress.show(`files: ${at} of ${of} runs`) },
  );
  progress.end();
  return {
    tables,
    lostData: [...sides.values(), ...(ledger ? [ledger] : [])].flatMap(({ lost }) => lost),
    files,
    damage: damage.messages,
    requests: ports.api.counts.requests,
    streams: on.map(({ name }) => name),
  };
}

interface Comparing {
  readonly request: AuditRequest;
  readonly settings: AuditSettings;
  /** Streams to audit, parents before their children. */
  readonly wanted: readonly Stream[];
  readonly sides: ReadonlyMap<string, TableSnapshot>;
  readonly state: PipelineState;
  readonly nights: readonly RunReport[];
}

async function compareTables(
  { request, settings, wanted, sides, state, nights }: Comparing,
  ports: AuditPorts,
): Promise<TableAudit[]> {
  const rows = new Map([...sides].map(([name, side]) => [name, side.rows]));
  const sample = request.all ? undefined : sampleWithin(request.sampleRequests, wanted, rows, nights);
  const most = sample ?? Number.POSITIVE_INFINITY;
  const requestsForAll = estimateRequests(wanted, rows, nights, Number.POSITIVE_INFINITY);
  ports.onEstimate({ requests: estimateRequests(wanted, rows, nights, most), sample, requestsForAll });
  await ports.checkKey();
  const api = withBudget(ports.api, request.mostRequests);
  const forgotten = await readForgotten(ports.store);
  const parents = new Map<string, Parents>();
  const tables: TableAudit[] = [];
  const toCome = requestsByTable(wanted, rows, nights, most);
  const made = () => api.counts.requests - api.counts.retries;
  let read = 0;
  for (const [at, stream] of wanted.entries()) {
    // Of the tables before, the requests are known.
    let expected = made() + wanted.slice(at).reduce((sum, { name }) => sum + (toCome.get(name) ?? 0), 0);
    const lake = sides.get(stream.name);
    const above = stream.parent && parents.get(stream.parent.stream);
    if (!lake || (stream.parent && !above)) {
      tables.push(unread(stream, lake));
      continue;
    }
    const { result, parents: own } = await auditTable(
      {
        stream,
        lake,
        bounds: boundsOf(stream, request.bounds, settings.startDate),
        watermark: watermarkOf(stream, state, nights),
        parents: above,
        sampleOf: (ids) => sampleOf(ids, most, request.seed),
      },
      {
        api,
        forgotten,
        columns: comparedContent(stream, settings.personalData),
        onReread(requests) {
          expected += requests;
          ports.onReread(stream.name, requests);
        },
        onPage(pageRows) {
          read += pageRows;
          ports.onPage({ table: stream.name, tables: at + 1, rows: read, requests: made(), expected });
        },
      },
    );
    tables.push(result);
    if (own) parents.set(stream.name, own);
  }
  return tables;
}

function boundsOf(stream: Stream, asked: Bounds, startDate: string | undefined): Bounds {
  const isBounded = rootOf(stream, streams).cursor !== undefined && startDate !== undefined;
  return isBounded ? { ...asked, from: asked.from ?? Date.parse(startDate) } : asked;
}

function unread({ name, parent }: Stream, lake: TableSnapshot | undefined): TableAudit {
  const error = lake
    ? `The rows of ${parent?.stream} that its own belong to were not all read.`
    : 'Its current table cannot be read.';
  return {
    table: name,
    error,
    lakeRows: lake?.rows ?? 0,
    apiRows: 0,
    forgotten: 0,
    parents: null,
    unlisted: 0,
    deletedOnApproval: { rows: 0, runs: [] },
    notYetLoaded: 0,
    differences: [],
  };
}
