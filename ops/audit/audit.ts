import { compaction } from '../../lambdas/contract/compaction.ts';
import { compactionKey, pipelineStateKey, prefixes } from '../../lambdas/contract/object-keys.ts';
import { pipelineRuns } from '../../lambdas/contract/pipeline-tables.ts';
import type { PersonalChoice } from '../../lambdas/contract/personal-data.ts';
import { type PipelineState, pipelineState } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import type { Api, Clock, ObjectStore } from '../../lambdas/core/ports.ts';
import { streamNamed, streams, withParents } from '../../lambdas/streams/registry.ts';
import { auditTable, type Bounds, type Parents, type TableAudit } from './audit-table.ts';
import type { Retention } from './check-receipt.ts';
import { tableOfKey } from './lake-files.ts';
import { type FileFindings, findLostFiles } from './lost-files.ts';
import { Damage } from '../lake/damage.ts';
import { type NightlyTables, readNightlyTables, type Snapshot } from '../lake/nightly-tables.ts';
import { Recovery } from './recovery.ts';
import { withBudget } from './request-budget.ts';
import { versionColumns } from '../lake/row-version.ts';

export interface AuditRequest {
  /** Names of streams; undefined: every one that nightly runs read. */
  readonly streams: readonly string[] | undefined;
  readonly bounds: Bounds;
  readonly mostRequests: number;
}

/** What the configuration says, where it is known. */
export interface AuditSettings {
  /** ISO time; leads that did not change since are not loaded. */
  readonly startDate: string | undefined;
  readonly personalData: PersonalChoice | undefined;
  readonly retention: Retention | undefined;
}

export interface Audit {
  readonly tables: readonly TableAudit[];
  readonly files: FileFindings;
  /** What of raw chunks and records cannot be read, by key: what happened, and what to do. */
  readonly damage: ReadonlyMap<string, string>;
  readonly requests: number;
  /** Streams that nightly runs read. */
  readonly streams: readonly string[];
}

export interface AuditPorts {
  readonly store: ObjectStore;
  readonly api: Api;
  readonly clock: Clock;
}

/**
 * Compares the API with the lake's current state, table by table, parents first, and the files of the lake
 * with the receipts. Reads, and changes nothing.
 * @throws PipelineError that is fatal, such as a refused key
 */
export async function audit(
  request: AuditRequest,
  settings: AuditSettings,
  { store, api, clock }: AuditPorts,
): Promise<Audit> {
  const damage = new Damage();
  // Before the lake: what a run brings meanwhile is newer than these.
  const state = (await damage.readJson(store, pipelineStateKey, pipelineState)) ?? emptyState;
  // Without it publish compacts nothing, and ends each night with an error.
  await damage.readJson(store, compactionKey, compaction);
  const nightly = await readNightlyTables(store);
  const readLately = await tablesRead(nightly, state, store);
  const read = streams.filter(({ name }) => readLately.has(name));
  const ports = {
    store,
    clock,
    api: withBudget(api, request.mostRequests),
    damage,
    recovery: new Recovery(store, damage),
  };
  const parents = new Map<string, Parents>();
  const tables: TableAudit[] = [];
  const wanted = request.streams ? withParents(request.streams) : read;
  const names = new Set(wanted.map(({ name }) => name));
  const known = await findLostFiles(
    {
      tables: request.streams && names,
      compared: names,
      nightly,
      state,
      retention: settings.retention,
      now: clock.now(),
    },
    ports,
  );
  for (const stream of wanted.toSorted((a, b) => generation(a) - generation(b))) {
    const above = stream.parent && parents.get(stream.parent.stream);
    if (stream.parent && !above) {
      tables.push(unread(stream.name, `The rows of ${stream.parent.stream} that its own belong to were not all read.`));
      continue;
    }
    const restored = known.restored.complete.get(stream.name);
    const { result, parents: own } = await auditTable(
      {
        stream,
        bounds: boundsOf(stream, request.bounds, settings.startDate),
        compared: versionColumns(stream, settings.personalData),
        snapshot: nightly.complete.get(stream.name),
        watermark: watermarkOf(stream, state, restored),
        restored,
        lost: known.lost.filter(({ table }) => table === stream.name),
        parents: above,
      },
      ports,
    );
    tables.push(result);
    if (result.error === null) parents.set(stream.name, own);
  }
  const damaged = new Set([...known.damaged, ...tables.flatMap((table) => table.damaged)]);
  const lost = [...known.lost, ...tables.flatMap(({ unreadable }) => unreadable)];
  return {
    tables,
    files: { ...known, damaged: [...damaged].toSorted(), lost: lost.filter(({ key }) => !damaged.has(key)) },
    damage: damage.messages,
    requests: api.counts.requests,
    streams: read.map(({ name }) => name),
  };
}

/** Tables that nightly runs read, by the best of what is left to tell. */
async function tablesRead(
  { readLately, damage }: NightlyTables,
  { watermarks }: PipelineState,
  store: ObjectStore,
): Promise<ReadonlySet<string>> {
  if (readLately.size > 0) return readLately;
  if (Object.keys(watermarks).length > 0) return new Set(Object.keys(watermarks));
  const withFiles = new Set<string>();
  for await (const { key } of store.list(prefixes.lake)) withFiles.add(tableOfKey(key) ?? '');
  // What it has names no nightly run: there was none.
  return withFiles.has(pipelineRuns.name) && damage.keys.length === 0 ? new Set() : withFiles;
}

/** Where the state is lost, `pipeline_runs` tells the same. */
function watermarkOf({ name }: Stream, { watermarks }: PipelineState, complete: Snapshot | undefined) {
  const mark = watermarks[name];
  if (mark) return Date.parse(mark.at);
  return Object.keys(watermarks).length === 0 ? complete?.startedAt : undefined;
}

/** A stream with all that it hangs below, itself first. */
function lineOf(stream: Stream): Stream[] {
  return stream.parent ? [stream, ...lineOf(streamNamed(stream.parent.stream))] : [stream];
}

function generation(stream: Stream): number {
  return lineOf(stream).length;
}

function boundsOf(stream: Stream, asked: Bounds, startDate: string | undefined): Bounds {
  const root = lineOf(stream).at(-1);
  return root?.cursor && startDate !== undefined ? { ...asked, from: asked.from ?? Date.parse(startDate) } : asked;
}

function unread(table: string, error: string): TableAudit {
  return { table, error, lakeRows: 0, windows: [], differences: [], unrecovered: [], unreadable: [], damaged: [] };
}
