/**
 * Compares the tables with the simulated workspace, value by value, and the history with what the API returned.
 * Reads the current tables as the pipeline does; derives everything else independently.
 */

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { ColumnType } from '../../lambdas/contract/column-types.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { currentTableOf, type Stream } from '../../lambdas/contract/stream.ts';
import { currentRowsOf, rowsOf } from './lake-reader.ts';
import type { MemoryStore } from './memory-store.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A value as text that is the same whether it comes from the API's JSON, Parquet or DuckDB. */
export function plainValue(type: ColumnType, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (type === 'timestamp') return String((value instanceof Date ? value : new Date(String(value))).getTime());
  if (type === 'json') return JSON.stringify(typeof value === 'string' ? JSON.parse(value) : value);
  if (type === 'string_list') return JSON.stringify(value);
  return String(value);
}

/** Every declared column of a row, as text. */
function plainRow(stream: Stream, row: Fields): string {
  return JSON.stringify(Object.entries(stream.columns).map(([name, { type }]) => plainValue(type, row[name])));
}

function keyOf(stream: Stream, row: Fields): string {
  return stream.key.map((name) => String(row[name])).join('/');
}

/** How rows differ from the expected rows, value by value. */
export function differences(stream: Stream, rows: Iterable<Fields>, expected: Iterable<Fields>): string[] {
  const told = (row: Fields) => `${keyOf(stream, row)} ${plainRow(stream, row)}`;
  const texts = [...rows].map(told).toSorted();
  const wanted = [...expected].map(told).toSorted();
  if (texts.join() === wanted.join()) return [];
  const missing = new Set(wanted).difference(new Set(texts)).size;
  const foreign = new Set(texts).difference(new Set(wanted)).size;
  return [`${stream.name}: ${missing} missing, ${foreign} that should not be there`];
}

const rawLine = z.object({ row: z.record(z.string(), z.unknown()), parent: z.string().optional() });

/** Each version of a row in the raw chunks, as text: run id, key, and digest of the text that the API sent. */
function landedVersions(store: MemoryStore, stream: Stream): string[] {
  return store.keys(`raw/${stream.name}/`).flatMap((key) => {
    const [, , runId = ''] = key.split('/');
    const text = new TextDecoder().decode(gunzipSync(store.objects.get(key)?.body ?? new Uint8Array()));
    return text.split('\n').flatMap((line) => {
      if (!line.includes(',"row":')) return [];
      const { row, parent } = rawLine.parse(JSON.parse(line));
      const [, rowText = '', detail] = /,"row":(.*?)(?:,"detail":(.*))?\}$/.exec(line) ?? [];
      const digest = createHash('sha256').update(detail === undefined ? rowText : `${rowText}\n${detail}`);
      const fields = stream.parent ? { ...row, [stream.parent.key]: parent } : row;
      return `${runId} ${keyOf(stream, fields)} ${digest.digest('base64url').slice(0, 22)}`;
    });
  });
}

/**
 * Faults in the history of a table. It must hold each version that was stored, once, and a tombstone for each key
 * that is no longer current. No tombstone may be newer than the current row of its key.
 */
async function historyFaults(store: MemoryStore, stream: Stream, current: readonly Fields[]): Promise<string[]> {
  const faults: string[] = [];
  const history = await rowsOf(store, stream.name);
  const versions = history.filter((row) => row['_deleted_at'] === null);
  const told = versions.map((row) => `${String(row['_run_id'])} ${keyOf(stream, row)} ${String(row['_digest'])}`);
  if (told.toSorted().join() !== landedVersions(store, stream).toSorted().join())
    faults.push(`${stream.name}: the history is not what was landed`);
  const deletedAt = new Map<string, number>();
  for (const row of history.filter((each) => each['_deleted_at'] !== null))
    deletedAt.set(keyOf(stream, row), Math.max(timeOf(row['_deleted_at']), deletedAt.get(keyOf(stream, row)) ?? 0));
  const readAt = new Map(current.map((row) => [keyOf(stream, row), timeOf(row['_extracted_at'])]));
  for (const key of new Set(versions.map((row) => keyOf(stream, row))))
    if (!readAt.has(key) && !deletedAt.has(key)) faults.push(`${stream.name}: ${key} went without a tombstone`);
  for (const [key, at] of deletedAt)
    if ((readAt.get(key) ?? Number.POSITIVE_INFINITY) < at)
      faults.push(`${stream.name}: ${key} outlived its tombstone`);
  return faults;
}

function timeOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : -Infinity;
}

/** Faults in the counts of these runs, which must equal the rows in their files. */
export async function countFaults(
  store: MemoryStore,
  streams: readonly Stream[],
  reports: readonly RunReport[],
): Promise<string[]> {
  const faults: string[] = [];
  const runTable = await rowsOf(store, 'pipeline_runs');
  for (const stream of streams) {
    const history = (await rowsOf(store, stream.name)).filter((row) => row['_deleted_at'] === null);
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

/** Faults in a current table, which must have exactly these rows, and in its history. */
export async function tableFaults(store: MemoryStore, stream: Stream, expected: Iterable<Fields>): Promise<string[]> {
  const current = await currentRowsOf(store, currentTableOf(stream));
  return [...differences(stream, current, expected), ...(await historyFaults(store, stream, current))];
}

/** Reports of every run in the store. */
export function reportsIn(store: MemoryStore): RunReport[] {
  return store
    .keys('runs/')
    .filter((key) => key.endsWith('/report.json'))
    .map((key) => runReport.parse(store.json(key)));
}

/**
 * Faults in the lake after these runs and their confirmation runs; empty if there are none. Each run must be
 * complete, its counts must match its files, and the tables must equal the workspace.
 */
export async function faultsOf(
  store: MemoryStore,
  streams: readonly Stream[],
  runIds: readonly string[],
  expected: (table: string) => Iterable<Fields>,
): Promise<string[]> {
  const all = reportsIn(store);
  const statuses = new Map(all.map(({ runId, status }) => [runId, status]));
  const confirmations = all.flatMap(({ runId, confirmRunId }) => (runIds.includes(runId) ? (confirmRunId ?? []) : []));
  const wanted = [...runIds, ...confirmations];
  const faults = wanted.flatMap((runId) => {
    const status = statuses.get(runId);
    return status === 'complete' ? [] : [`${runId} is ${status ?? 'without a report'}`];
  });
  const reports = all.filter(({ runId }) => wanted.includes(runId));
  faults.push(...(await countFaults(store, streams, reports)));
  for (const stream of streams) faults.push(...(await tableFaults(store, stream, expected(stream.name))));
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
