/** A year of nights: 100,000 leads, of which 300 change each night, and 5,000 jobs that each night lists completely. */

import { createHash, randomUUID } from 'node:crypto';
import { parquetKey, partitionDate, runTableKey } from '../../lambdas/contract/object-keys.ts';
import { pipelineRuns } from '../../lambdas/contract/pipeline-tables.ts';
import { currentTableOf, type Stream, tableOf } from '../../lambdas/contract/stream.ts';
import type { MergeChunk, ReadScope } from '../../lambdas/core/current/merge-input.ts';
import { mergeTable } from '../../lambdas/core/current/merge-table.ts';
import { readCurrent } from '../../lambdas/core/current/read-current.ts';
import { expireTable } from '../../lambdas/core/iceberg/expire.ts';
import { writeParquet } from '../../lambdas/core/rows/parquet/write.ts';
import type { ParsedRow } from '../../lambdas/core/rows/rows.ts';
import { jobs } from '../../lambdas/streams/jobs.ts';
import { leads } from '../../lambdas/streams/leads.ts';
import { ample, FixedClock } from '../support/fixed-clock.ts';
import { MemoryCatalog } from '../support/memory-catalog.ts';
import { MemoryLog } from '../support/memory-log.ts';
import type { MemoryStore } from '../support/memory-store.ts';

const nights = 365;
const first = Date.parse('2026-01-01T02:00:00.000Z');
const timeOf = (night: number) => new Date(first + night * 86_400_000);
const runIdOf = (night: number) =>
  `nightly-${timeOf(night)
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '')}`;
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

const warehouse = { root: 's3://lake/' };
const chunkRows = 10_000;

function metaOf(night: number, index: number): ParsedRow {
  return {
    _run_id: runIdOf(night),
    _extracted_at: timeOf(night),
    _request_id: `req_${Math.floor(index / 100)}_${night}`,
    _digest: hash(`${index} ${night}`).slice(0, 22),
    _deleted_at: null,
    _extra: null,
  };
}

function lead(index: number, night: number): ParsedRow {
  return {
    id: `lead_${hash(`lead ${index}`).slice(0, 24)}`,
    object: 'lead',
    created_at: timeOf(-1),
    updated_at: timeOf(night),
    full_name: `First${index % 997} Last${index % 7_919}`,
    email: `person.${index}@example-${index % 1_009}.com`,
    company_name: `Company ${index % 10_007} GmbH`,
    title: night === 0 ? `Head of ${index % 41}` : `Changed in night ${night}`,
    tags: index % 4 === 0 ? ['new', `tag-${index % 11}`] : [],
    ...metaOf(night, index),
  };
}

function job(index: number): ParsedRow {
  return {
    id: `job_${hash(`job ${index}`).slice(0, 24)}`,
    object: 'job',
    created_at: timeOf(-1),
    updated_at: timeOf(-1),
    status: index % 5 === 0 ? 'running' : 'completed',
    type: `type-${index % 7}`,
  };
}

const changedLeads = (night: number) => Array.from({ length: 300 }, (_, at) => (night * 8_191 + at * 337) % 100_000);

/**
 * Fills the store: `lake/` has every version, as a former layout had it; `current/` is Iceberg; `flat/` has only
 * current rows.
 */
export async function writeYear(store: MemoryStore): Promise<void> {
  const chunks: MergeChunk[][] = [];
  const allLeads = Array.from({ length: 100_000 }, (_, index) => lead(index, 0));
  for (let night = 0; night < nights; night += 1) {
    const rows = night === 0 ? allLeads : changedLeads(night).map((index) => lead(index, night));
    chunks.push(await writeChunks(store, leads, night, rows));
  }
  // The number of merges does not matter, so only the last nights, whose snapshots are kept, merge separately.
  await merge(store, leads, 0, chunks[0] ?? [], []);
  await merge(store, leads, nights - 11, chunks.slice(1, -10).flat(), []);
  for (let night = nights - 10; night < nights; night += 1) await merge(store, leads, night, chunks[night] ?? [], []);
  await writeFlat(store, leads);

  const allJobs = Array.from({ length: 5_000 }, (_, index) => job(index));
  for (let night = 0; night < nights; night += 1) {
    const rows = allJobs.map((row, index) => ({ ...row, ...metaOf(night, index) }));
    const listed = await writeChunks(store, jobs, night, rows);
    const askedAt = timeOf(night).toISOString();
    const scope: ReadScope = { kind: 'list', taskId: 'jobs.0', askedAt };
    if (night === 0 || night > nights - 10) await merge(store, jobs, night, listed, [scope]);
    await writeRun(store, night);
  }
  await writeFlat(store, jobs);
}

async function writeChunks(
  store: MemoryStore,
  stream: Stream,
  night: number,
  rows: readonly ParsedRow[],
): Promise<MergeChunk[]> {
  const chunks: MergeChunk[] = [];
  const taskId = `${stream.name}.0`;
  for (let from = 0; from < rows.length; from += chunkRows) {
    const sequence = from / chunkRows;
    const date = partitionDate(timeOf(night).toISOString());
    const key = parquetKey(stream.name, date, runIdOf(night), taskId, sequence);
    const part = rows.slice(from, from + chunkRows);
    const file = writeParquet(tableOf(stream), part);
    await store.put(key, file);
    chunks.push({ id: `${runIdOf(night)}/${sequence}`, taskId, key, rows: part.length, bytes: file.byteLength });
  }
  return chunks;
}

async function merge(
  store: MemoryStore,
  stream: Stream,
  night: number,
  chunks: readonly MergeChunk[],
  scopes: readonly ReadScope[],
): Promise<void> {
  const clock = new FixedClock(timeOf(night).toISOString());
  const ports = {
    store,
    warehouse,
    clock,
    catalog: new MemoryCatalog(),
    log: new MemoryLog(),
    deadline: ample,
    newId: randomUUID,
  };
  const startedAt = timeOf(night).toISOString();
  const choice = { forced: false, approved: false, lookbackHours: 24, confirmAfterSeconds: 900, maxDeletedShare: 0.05 };
  const input = { runId: runIdOf(night), startedAt, ...choice, chunks, scopes, deletedParents: [] };
  const { done } = await mergeTable(stream, input, ports);
  if (!done) throw new Error('A merge did not come to its end.');
  await expireTable(store, warehouse, stream.name, { snapshotDays: 7, now: clock.now() });
}

/** Writes the same rows as plain files: the least that a reader has to read. */
async function writeFlat(store: MemoryStore, stream: Stream): Promise<void> {
  const table = currentTableOf(stream);
  const names = Object.keys(table.columns);
  let number = 0;
  for await (const columns of readCurrent(table, names, { store, warehouse })) {
    const [column = []] = Object.values(columns);
    const rows = column.map((_, at) => Object.fromEntries(names.map((name) => [name, columns[name]?.[at] ?? null])));
    await store.put(`flat/${stream.name}/${String(number).padStart(6, '0')}.parquet`, writeParquet(table, rows));
    number += 1;
  }
}

async function writeRun(store: MemoryStore, night: number): Promise<void> {
  const row = {
    run_id: runIdOf(night),
    table_name: jobs.name,
    kind: 'nightly',
    status: 'complete',
    run_status: 'complete',
    started_at: timeOf(night),
  };
  const date = partitionDate(timeOf(night).toISOString());
  await store.put(runTableKey(date, runIdOf(night)), writeParquet(pipelineRuns, [row]));
}
