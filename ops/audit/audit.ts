import { pipelineStateKey } from '../../lambdas/contract/object-keys.ts';
import type { PersonalChoice } from '../../lambdas/contract/personal-data.ts';
import { pipelineState } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { emptyState } from '../../lambdas/core/plan-run.ts';
import type { Api, Clock, ObjectStore } from '../../lambdas/core/ports.ts';
import { readJson } from '../../lambdas/core/stored-json.ts';
import { streamNamed, streams, withParents } from '../../lambdas/streams/registry.ts';
import { auditTable, type Bounds, type Parents, type TableAudit } from './audit-table.ts';
import { type FileChecks, type FileFindings, findLostFiles } from './lost-files.ts';
import { readNightlyTables } from '../lake/nightly-tables.ts';
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
  readonly retention: FileChecks['retention'];
}

export interface Audit {
  readonly tables: readonly TableAudit[];
  readonly files: FileFindings;
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
  // Before the lake: what a run brings meanwhile is newer than these.
  const state = (await readJson(store, pipelineStateKey, pipelineState))?.value ?? emptyState;
  const nightly = await readNightlyTables(store);
  const lately = nightly.readLately.size > 0 ? nightly.readLately : new Set(Object.keys(state.watermarks));
  const read = streams.filter(({ name }) => lately.has(name));
  const ports = { store, clock, api: withBudget(api, request.mostRequests) };
  const parents = new Map<string, Parents>();
  const tables: TableAudit[] = [];
  const wanted = request.streams ? withParents(request.streams) : read;
  const known = await findLostFiles(
    {
      tables: request.streams && new Set(wanted.map(({ name }) => name)),
      nightly,
      retention: settings.retention,
      now: clock.now(),
    },
    store,
  );
  for (const stream of wanted.toSorted((a, b) => generation(a) - generation(b))) {
    const above = stream.parent && parents.get(stream.parent.stream);
    if (stream.parent && !above) {
      tables.push(unread(stream.name, `The rows of ${stream.parent.stream} that its own belong to were not all read.`));
      continue;
    }
    const mark = state.watermarks[stream.name];
    const { result, parents: own } = await auditTable(
      {
        stream,
        bounds: boundsOf(stream, request.bounds, settings.startDate),
        compared: versionColumns(stream, settings.personalData),
        snapshot: nightly.complete.get(stream.name),
        watermark: mark && Date.parse(mark.at),
        restored: known.restored.complete.get(stream.name),
        lost: known.lost.filter(({ table }) => table === stream.name),
        parents: above,
      },
      ports,
    );
    tables.push(result);
    if (result.error === null) parents.set(stream.name, own);
  }
  const files = { ...known, lost: [...known.lost, ...tables.flatMap(({ unreadable }) => unreadable)] };
  return { tables, files, requests: api.counts.requests, streams: read.map(({ name }) => name) };
}

/** Whether the lake is what the API says it should be. A file whose rows nobody can bring back is no difference by itself: those that still count are missing. */
export function isClean({ tables, files }: Audit): boolean {
  return (
    tables.every(({ error, differences }) => error === null && differences.length === 0) &&
    files.lost.every(({ convertible }) => !convertible) &&
    files.unlisted.length === 0
  );
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
  return { table, error, lakeRows: 0, windows: [], differences: [], unrecovered: [], unreadable: [] };
}
