import { byteText, decodeUtf8 } from '../../lambdas/core/rows/charsets.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { Api } from '../../lambdas/core/ports.ts';
import { noProgress } from '../../local/cli/progress-display.ts';
import { pipe } from '../../local/cli/terminal.ts';
import {
  type Audit,
  audit,
  type AuditEstimate,
  type AuditPage,
  type AuditRequest,
  type AuditSettings,
} from '../../ops/audit/audit.ts';
import type { DifferenceKind } from '../../ops/audit/table-audit.ts';
import { planRepair, type Repair } from '../../ops/audit/repair.ts';
import { rowId } from '../../ops/lake/row-id.ts';
import { FixedClock } from './fixed-clock.ts';
import { MemoryPipeline, type MemoryPipelineOptions } from './memory-pipeline.ts';
import { SimulatedWorkspace } from './workspace-api.ts';

export const hour = 3_600_000;
/** Flags of `ops audit` for all rows of all tables. */
export const wholeAudit = {
  stream: undefined,
  from: undefined,
  to: undefined,
  all: true,
  allTables: false,
  requests: 10_000,
  repair: false,
};

/** Display options of an audit whose output is read by a program. */
export const inPipe = { terminal: pipe, allTables: false };

const day = 24 * hour;

/** The rows that differ, by kind of difference: `table: id`, sorted. */
export type Differences = Readonly<Record<DifferenceKind, string[]>>;

export const noDifferences: Differences = { missing: [], different: [], deleted: [] };

/** A workspace, a pipeline that has read it, and an audit that compares them. */
export class AuditWorld {
  readonly clock = new FixedClock('2026-11-24T02:00:00.000Z');
  readonly workspace: SimulatedWorkspace;
  readonly pipeline: MemoryPipeline;
  /** Called before each request to the API. */
  beforeRequest: (path: string) => void = () => {};
  /** Rewrites the text of a response before the client sees it. */
  respell: (path: string, text: string) => string = (_, text) => text;
  /** Paths requested since the last audit or repair began. */
  asked: string[] = [];
  /** Number of requests that the last audit expected to make. */
  estimate = 0;
  /** Called with each page that an audit reads. */
  onPage: (page: AuditPage) => void = () => {};
  settings: AuditSettings = {
    startDate: undefined,
    retention: { runDays: 30 },
    personalData: { drop: [], hash: [] },
  };

  constructor(
    streams: readonly string[],
    { leads = 4, ...options }: { leads?: number } & Partial<MemoryPipelineOptions> = {},
  ) {
    this.workspace = new SimulatedWorkspace(leads, this.clock);
    this.pipeline = new MemoryPipeline({ clock: this.clock, streams, api: () => this.api(), ...options });
  }

  api(): Api {
    const counts = { requests: 0, retries: 0 };
    return {
      counts,
      get: async (path, parameters) => {
        counts.requests += 1;
        this.asked.push(path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters.path?.[name] ?? ''));
        this.beforeRequest(path);
        const answer = await this.workspace.get(path, parameters);
        const text = this.respell(path, decodeUtf8(answer.body).text);
        return { ...answer, body: byteText(Buffer.from(text)) };
      },
    };
  }

  /** Runs two nights without changes in between. The second one rereads everything. */
  async load(): Promise<void> {
    for (let night = 0; night < 2; night += 1) {
      await this.pipeline.run();
      await this.pipeline.settle();
      this.clock.advance(day);
    }
  }

  async audit(request: Partial<AuditRequest> = {}): Promise<Audit> {
    const { store, warehouse } = this.pipeline;
    const bounds = { from: undefined, to: undefined };
    const all = {
      streams: undefined,
      bounds,
      all: true,
      seed: 'one',
      mostRequests: 100_000,
      sampleRequests: 100_000,
      ...request,
    };
    this.asked = [];
    const onEstimate = ({ requests }: AuditEstimate) => {
      this.estimate = requests;
    };
    const ports = {
      store,
      warehouse,
      api: this.api(),
      clock: this.clock,
      progress: noProgress,
      onEstimate,
      checkKey: async () => {},
      onReread() {},
      onPage: this.onPage,
    };
    return audit(all, this.settings, ports);
  }

  planRepair(found: Audit): Repair | undefined {
    this.clock.advance(60_000);
    return planRepair(found, { now: this.clock.now(), deadlineHours: 48 });
  }

  /** Carries out the repair. @returns the reports of the runs that it waits for */
  async repair(planned: Repair | undefined): Promise<(RunReport | undefined)[]> {
    const { store, warehouse, queues, log } = this.pipeline;
    this.asked = [];
    const waits = await planned?.begin(60, {
      store,
      warehouse,
      extractQueue: queues.queue('extract'),
      convertQueue: queues.queue('convert'),
      publishQueue: queues.queue('publish'),
      log,
      clock: this.clock,
    });
    await this.pipeline.settle();
    return Promise.all(waits?.map((report) => report()) ?? []);
  }

  /** The differences between the tables and the workspace, found by comparing rows, without the audit. */
  async differences(): Promise<Differences> {
    const found: Differences = { missing: [], different: [], deleted: [] };
    for (const stream of this.pipeline.streams) {
      const rows = await this.pipeline.rows(stream.name);
      const lake = new Map(rows.map((row) => [rowId(stream, row), textOf(stream, row)]));
      const api = new Map(this.workspace.rows(stream.name).map((row) => [rowId(stream, row), textOf(stream, row)]));
      for (const [id, text] of api) {
        if (!lake.has(id)) found.missing.push(`${stream.name}: ${id}`);
        else if (lake.get(id) !== text) found.different.push(`${stream.name}: ${id}`);
      }
      for (const id of lake.keys()) if (!api.has(id)) found.deleted.push(`${stream.name}: ${id}`);
    }
    return sorted(found);
  }
}

/** The differences that an audit reports, in the form of {@link Differences}. */
export function differencesIn({ tables }: Audit): Differences {
  const of = (wanted: DifferenceKind) =>
    tables.flatMap(({ table, differences }) =>
      differences.filter(({ kind }) => kind === wanted).map(({ key }) => `${table}: ${key.join('/')}`),
    );
  return sorted({ missing: of('missing'), different: of('different'), deleted: of('deleted') });
}

function sorted({ missing, different, deleted }: Differences): Differences {
  return { missing: missing.toSorted(), different: different.toSorted(), deleted: deleted.toSorted() };
}

function textOf({ columns }: Stream, row: Readonly<Record<string, unknown>>): string {
  const values = Object.entries(columns).map(([name, { type }]) => {
    const value = row[name] ?? null;
    if (value === null) return null;
    if (type === 'timestamp') return new Date(value instanceof Date ? value : String(value)).getTime();
    if (type === 'json' && typeof value === 'string') return JSON.parse(value) as unknown;
    return typeof value === 'bigint' ? Number(value) : value;
  });
  return JSON.stringify(values);
}
