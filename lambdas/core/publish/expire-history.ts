import {
  compactedDate,
  parquetFile,
  partitionDate,
  pipelineStateKey,
  planKey,
  prefixes,
  reportKey,
} from '../../contract/object-keys.ts';
import { pipelineState, type RunReport, runReport } from '../../contract/run.ts';
import { inBatches } from '../store/in-batches.ts';
import type { Log, ObjectStore } from '../ports.ts';
import { readJson } from '../store/stored-json.ts';

/** Deletes old versions of tables that a run reads whole, once a newer run has read them whole: docs/adr/0004. */

export interface History {
  /** Partitions that are older than this, counted from the start of the newest complete run, are deleted. */
  readonly days: number;
  /** Whether the latest complete listing of a table is all that its view shows. Of others every file may hold a current row. */
  readonly isReadWhole: (table: string) => boolean;
}

export interface ExpiryPorts {
  readonly store: ObjectStore;
  readonly log: Log;
}

const day = 86_400_000;
/** By which the clocks of two functions may differ. */
const clockSlack = 3_600_000;
/** What a night leaves over the next one deletes. */
const mostDeletions = 20_000;

/**
 * Looks at the tables that this run has completed. Deleting is repeated without harm, and what a crash left
 * is deleted the next time: no view shows a row of these files.
 */
export async function expireHistory(
  report: RunReport,
  { days, isReadWhole }: History,
  { store, log }: ExpiryPorts,
): Promise<void> {
  if (report.kind !== 'nightly') return;
  const state = await readJson(store, pipelineStateKey, pipelineState);
  const ends = new Map<string, Promise<RunEnd>>();
  let left = mostDeletions;
  for (const [table, { status }] of Object.entries(report.tables)) {
    const newest = state?.value.watermarks[table];
    if (status !== 'complete' || !newest || !isReadWhole(table)) continue;
    const newestAt = Date.parse(newest.at);
    const oldest = partitionDate(new Date(newestAt - days * day).toISOString());
    const keys: string[] = [];
    for await (const { key } of store.list(`${prefixes.lake}${table}/`)) {
      const file = parquetFile(key);
      const date = file?.date ?? compactedDate(key);
      if (date === undefined) continue;
      // Listed by key, and so by date. The newest complete run lies behind.
      if (date >= oldest || keys.length >= left) break;
      // The runs of a compacted file had ended long ago when it was written.
      const end = file && (ends.get(file.runId) ?? endOf(store, file.runId));
      if (file && end) ends.set(file.runId, end);
      if (!end || (await end)(table) + clockSlack < newestAt) keys.push(key);
    }
    await inBatches(keys, (key) => store.delete(key));
    left -= keys.length;
    if (keys.length > 0) log.info('Old versions are deleted.', { table, files: keys.length, before: oldest });
  }
}

/**
 * When a run had read its last row of a table, in milliseconds since the epoch. What a view shows beside the
 * newest complete run was read after that began.
 */
type RunEnd = (table: string) => number;

async function endOf(store: ObjectStore, runId: string): Promise<RunEnd> {
  // A run whose plan has expired can read no more, and ended long ago.
  if (!(await store.head(planKey(runId)))) return () => Number.NEGATIVE_INFINITY;
  const report = (await readJson(store, reportKey(runId), runReport))?.value;
  const finishedAt = Date.parse(report?.finishedAt ?? '');
  // A table that is not complete may still be read: by the run, or by a replay that brings it home.
  return (table) => (report?.tables[table]?.status === 'complete' ? finishedAt : Number.POSITIVE_INFINITY);
}
