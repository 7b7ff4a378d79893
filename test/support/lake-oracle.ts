import type { ColumnType } from '../../lambdas/contract/column-types.ts';
import { pipelineState, type RunReport, runReport } from '../../lambdas/contract/run.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { isSnapshot } from '../../lambdas/streams/views.ts';
import { rowsOf } from './lake-reader.ts';
import type { MemoryStore } from './memory-store.ts';

/** Compares what stands in the tables with what the simulated workspace says, value by value. */

type Fields = Readonly<Record<string, unknown>>;

/** A value as text that does not depend on where it was read: the API's JSON, Parquet or DuckDB. */
export function plainValue(type: ColumnType, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (type === 'timestamp') return String((value instanceof Date ? value : new Date(String(value))).getTime());
  if (type === 'json') return JSON.stringify(typeof value === 'string' ? JSON.parse(value) : value);
  if (type === 'string_list') return JSON.stringify(value);
  return String(value);
}

/** Every declared column of a row. */
function plainRow(stream: Stream, row: Fields): string {
  return JSON.stringify(Object.entries(stream.columns).map(([name, { type }]) => plainValue(type, row[name])));
}

function keyOf(stream: Stream, row: Fields): string {
  return stream.key.map((name) => String(row[name])).join('/');
}

/** The rows of the view of current state, as its SQL chooses them: see lambdas/streams/views.ts. */
export function currentRows(stream: Stream, history: readonly Fields[], reports: readonly RunReport[]): Fields[] {
  const complete = reports.filter(
    ({ kind, tables }) => kind === 'nightly' && tables[stream.name]?.status === 'complete',
  );
  const latest = complete
    .map(({ runId }) => runId)
    .toSorted()
    .at(-1);
  const since = Math.max(0, ...complete.map(({ startedAt }) => Date.parse(startedAt)));
  const counted = isSnapshot(stream)
    ? history.filter((row) => row['_run_id'] === latest || timeOf(row['_extracted_at']) >= since)
    : history;
  const goneAt = new Map<string, number>();
  for (const row of counted)
    goneAt.set(keyOf(stream, row), Math.max(goneAt.get(keyOf(stream, row)) ?? -Infinity, timeOf(row['_deleted_at'])));
  const newest = new Map<string, Fields>();
  for (const row of counted) {
    const key = keyOf(stream, row);
    if (row['_deleted_at'] || timeOf(row['_extracted_at']) < (goneAt.get(key) ?? -Infinity)) continue;
    const current = newest.get(key);
    if (!current || isNewer(stream, row, current)) newest.set(key, row);
  }
  return [...newest.values()];
}

function isNewer(stream: Stream, one: Fields, other: Fields): boolean {
  const versionOf = (row: Fields) => ('updated_at' in stream.columns ? timeOf(row['updated_at']) : 0);
  const order =
    versionOf(one) - versionOf(other) ||
    timeOf(one['_extracted_at']) - timeOf(other['_extracted_at']) ||
    String(one['_run_id']).localeCompare(String(other['_run_id']));
  return order > 0;
}

function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : -Infinity;
}

/** What is wrong with rows that should be those expected, value by value. */
export function differences(stream: Stream, rows: Iterable<Fields>, expected: Iterable<Fields>): string[] {
  const texts = [...rows].map((row) => plainRow(stream, row)).toSorted();
  const wanted = [...expected].map((row) => plainRow(stream, row)).toSorted();
  if (texts.join() === wanted.join()) return [];
  const missing = new Set(wanted).difference(new Set(texts)).size;
  const foreign = new Set(texts).difference(new Set(wanted)).size;
  return [`${stream.name}: ${missing} missing, ${foreign} that should not be there`];
}

/** What is wrong with the counts of these runs: they must be those of their files, and no run may hold a row twice. */
export async function countFaults(
  store: MemoryStore,
  streams: readonly Stream[],
  reports: readonly RunReport[],
): Promise<string[]> {
  const faults: string[] = [];
  const runTable = await rowsOf(store, 'pipeline_runs');
  for (const stream of streams) {
    const history = await rowsOf(store, stream.name);
    const versions = history.map((row) => `${String(row['_run_id'])} ${keyOf(stream, row)}`);
    if (new Set(versions).size !== versions.length) faults.push(`${stream.name}: a run holds a row twice`);
    for (const { runId, tables } of reports) {
      const table = tables[stream.name];
      if (!table) continue;
      const files = history.filter((row) => row['_run_id'] === runId).length;
      const told = runTable.find((row) => row['run_id'] === runId && row['table_name'] === stream.name);
      const { rowsWritten, rowsExtracted } = table;
      if (files !== rowsWritten || files !== rowsExtracted || Number(told?.['rows_written'] ?? -1) !== files)
        faults.push(`${stream.name} of ${runId}: ${files} rows in files, ${rowsWritten} reported`);
    }
  }
  return faults;
}

/** Reports of every run in the store. */
export function reportsIn(store: MemoryStore): RunReport[] {
  return store
    .keys('runs/')
    .filter((key) => key.endsWith('/report.json'))
    .map((key) => runReport.parse(store.json(key)));
}

/**
 * What is wrong with the lake after these runs; empty where nothing is. Each run must be complete, its
 * counts must be those of its files, no run may hold a row twice, and the current state must be the workspace.
 */
export async function faultsOf(
  store: MemoryStore,
  streams: readonly Stream[],
  runIds: readonly string[],
  expected: (table: string) => Iterable<Fields>,
): Promise<string[]> {
  const reports = reportsIn(store).filter(({ runId }) => runIds.includes(runId));
  const statuses = new Map(reports.map(({ runId, status }) => [runId, status]));
  const faults = runIds.flatMap((runId) => {
    const status = statuses.get(runId);
    return status === 'complete' ? [] : [`${runId} is ${status ?? 'without a report'}`];
  });
  faults.push(...(await countFaults(store, streams, reports)));
  for (const stream of streams) {
    const history = await rowsOf(store, stream.name);
    faults.push(...differences(stream, currentRows(stream, history, reports), expected(stream.name)));
  }
  const nightly = reports
    .filter(({ kind }) => kind === 'nightly')
    .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt));
  const { watermarks, underWay } = pipelineState.parse(store.json('state/pipeline.json'));
  for (const { name } of streams)
    if (watermarks[name]?.at !== nightly.at(-1)?.startedAt)
      faults.push(`${name}: its watermark is ${watermarks[name]?.at}`);
  if (Object.keys(underWay).length > 0) faults.push('a run is still marked as under way');
  return faults;
}
