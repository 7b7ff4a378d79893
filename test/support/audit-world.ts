import { partitionDate, runTableKey } from '../../lambdas/contract/object-keys.ts';
import type { PersonalChoice } from '../../lambdas/contract/personal-data.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { Api } from '../../lambdas/core/ports.ts';
import { createColumnMask } from '../../lambdas/core/rows/mask-columns.ts';
import { type Audit, audit, type AuditRequest, type AuditSettings } from '../../ops/audit/audit.ts';
import { planRepair, type RepairPlan } from '../../ops/audit/plan-repair.ts';
import { beginRepair } from '../../ops/audit/repair.ts';
import { keyParts } from '../../ops/lake/row-version.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import { FixedClock } from './fixed-clock.ts';
import { currentRows } from './lake-oracle.ts';
import { rowsOf } from './lake-reader.ts';
import { MemoryPipeline } from './memory-pipeline.ts';
import { SimulatedWorkspace } from './workspace-api.ts';

export const hour = 3_600_000;
const day = 24 * hour;

/** What of each kind differs, as `table: id`; sorted. */
export interface Told {
  readonly missing: string[];
  readonly stale: string[];
  readonly ghost: string[];
}

/** A workspace, a pipeline that has read it, and the audit of both. */
export class AuditWorld {
  readonly clock = new FixedClock('2026-11-24T02:00:00.000Z');
  readonly workspace: SimulatedWorkspace;
  readonly pipeline: MemoryPipeline;
  /** Called before each request to the API. */
  beforeRequest: (path: string) => void = () => {};
  /** Paths that were asked for since the test looked last. */
  asked: string[] = [];
  settings: AuditSettings;

  constructor(streams: readonly string[], options: { leads?: number; choice?: PersonalChoice } = {}) {
    const choice = options.choice ?? { drop: [], hash: [] };
    this.settings = { startDate: undefined, personalData: choice, retention: { rawDays: 30 } };
    this.workspace = new SimulatedWorkspace(options.leads ?? 4, this.clock);
    this.pipeline = new MemoryPipeline({
      clock: this.clock,
      streams,
      api: () => this.#api(),
      mask: createColumnMask(choice, undefined),
    });
  }

  #api(): Api {
    const counts = { requests: 0, retries: 0 };
    return {
      counts,
      get: async (path, parameters) => {
        counts.requests += 1;
        this.asked.push(path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters.path?.[name] ?? ''));
        this.beforeRequest(path);
        return this.workspace.get(path, parameters);
      },
    };
  }

  /** The workspace changes as in a day, and is read. */
  async night(): Promise<RunReport | undefined> {
    this.clock.advance(day);
    this.workspace.workspace.advance(this.clock.now());
    const report = await this.pipeline.run();
    this.clock.advance(hour);
    return report;
  }

  async audit(request: Partial<AuditRequest> = {}): Promise<Audit> {
    const { store } = this.pipeline;
    const all = { streams: undefined, bounds: { from: undefined, to: undefined }, mostRequests: 100_000, ...request };
    this.asked = [];
    return audit(all, this.settings, { store, api: this.#api(), clock: this.clock });
  }

  planRepair(found: Audit): RepairPlan {
    this.clock.advance(60_000);
    return planRepair(found, { now: this.clock.now(), deadlineHours: 48 });
  }

  /** @returns the report of the refresh, where there was one */
  async repair(plan: RepairPlan): Promise<RunReport | undefined> {
    const { store, extractQueue, convertQueue, publishQueue, log } = this.pipeline;
    this.asked = [];
    await beginRepair(plan, 60, { store, extractQueue, convertQueue, publishQueue, log, clock: this.clock });
    this.clock.advance(60_000);
    await this.pipeline.drain();
    const runId = plan.refresh?.plan.runId;
    return this.#reports().find((report) => report.runId === runId);
  }

  /** Those that can be read. */
  #reports(): RunReport[] {
    const { store } = this.pipeline;
    return store.keys('runs/').flatMap((key) => {
      const text = key.endsWith('/report.json') && new TextDecoder().decode(store.objects.get(key)?.body);
      if (!text) return [];
      try {
        return [runReport.parse(JSON.parse(text))];
      } catch {
        return [];
      }
    });
  }

  /** What differs, by a comparison of the rows themselves, all versions of all tables in memory. */
  async differences(): Promise<Told> {
    const { store, streams } = this.pipeline;
    const told: Told = { missing: [], stale: [], ghost: [] };
    const listed = this.#reports().filter(({ runId, startedAt }) =>
      store.objects.has(runTableKey(partitionDate(startedAt), runId)),
    );
    for (const stream of streams) {
      const rows = currentRows(stream, await rowsOf(store, stream.name), listed);
      const lake = new Map(rows.map((row) => [idOf(stream, row), row]));
      const api = new Map(this.workspace.rows(stream.name).map((row) => [idOf(stream, row), row]));
      for (const [id, row] of api) {
        const stored = lake.get(id);
        if (!stored) told.missing.push(`${stream.name}: ${id}`);
        else if (versionOf(stored['updated_at']) !== versionOf(row['updated_at']))
          told.stale.push(`${stream.name}: ${id}`);
      }
      for (const id of lake.keys()) if (!api.has(id)) told.ghost.push(`${stream.name}: ${id}`);
    }
    return sorted(told);
  }
}

/** The same of what an audit tells. */
export function toldBy({ tables }: Audit): Told {
  const of = (wanted: string) =>
    tables.flatMap(({ table, differences }) =>
      differences
        .filter(({ kind }) => kind === wanted)
        .map(({ key }) => `${table}: ${keyParts(streamNamed(table), key).join('/')}`),
    );
  return sorted({ missing: of('missing'), stale: of('stale'), ghost: of('ghost') });
}

function idOf(stream: Stream, row: Readonly<Record<string, unknown>>): string {
  return stream.key.map((name) => String(row[name])).join('/');
}

function versionOf(updatedAt: unknown): number | null {
  if (updatedAt === undefined || updatedAt === null) return null;
  return updatedAt instanceof Date ? updatedAt.getTime() : Date.parse(String(updatedAt));
}

function sorted({ missing, stale, ghost }: Told): Told {
  return { missing: missing.toSorted(), stale: stale.toSorted(), ghost: ghost.toSorted() };
}
