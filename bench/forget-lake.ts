/** A year of nights, written as the pipeline writes it: leads and one activity of each, of which 0.3% change each night. */

import { createHash, randomUUID } from 'node:crypto';
import {
  chunkKey,
  extractReceiptKey,
  parquetKey,
  planKey,
  roundKey,
  runTableKey,
} from '../lambdas/contract/object-keys.ts';
import { pipelineRuns } from '../lambdas/contract/pipeline-tables.ts';
import { maxIdsPerTask } from '../lambdas/contract/run.ts';
import { type Stream, tableOf } from '../lambdas/contract/stream.ts';
import type { MergeChunk } from '../lambdas/core/current/merge-input.ts';
import { mergeTable } from '../lambdas/core/current/merge-table.ts';
import { expireTable } from '../lambdas/core/iceberg/expire.ts';
import type { ObjectStore } from '../lambdas/core/ports.ts';
import { gzipped } from '../lambdas/core/rows/chunk-log.ts';
import { writeParquet } from '../lambdas/core/rows/parquet/write.ts';
import { formatRawLine } from '../lambdas/core/rows/raw-line.ts';
import type { ParsedRow } from '../lambdas/core/rows/rows.ts';
import { writeJson } from '../lambdas/core/store/stored-json.ts';
import { leadActivities, leads } from '../lambdas/streams/leads.ts';
import { streams } from '../lambdas/streams/registry.ts';

const nights = 365;
/** By default the bucket keeps raw chunks and records of runs for 30 days. */
const recentNights = 30;
const chunkRows = 10_000;
const first = Date.parse('2026-01-01T02:00:00.000Z');
const timeOf = (night: number) => new Date(first + night * 86_400_000);
const runIdOf = (night: number) =>
  `nightly-${timeOf(night)
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '')}`;
const dateOf = (night: number) => timeOf(night).toISOString().slice(0, 10);
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

export const warehouse = { root: 's3://bench/' };
const leadId = (index: number) => `lead_${hash(`lead ${index}`).slice(0, 24)}`;

/** Numbers of the leads that change in a night. */
const changed = (night: number, count: number) =>
  Array.from({ length: Math.ceil(count * 0.003) }, (_, at) => (night * 8_191 + at * 337) % count);
/** The lead to forget: it changed in the last night, and perhaps in others. */
export const forgottenLead = (count: number) => leadId(changed(nights - 1, count)[0] ?? 0);

function lead(index: number, night: number): ParsedRow {
  return {
    id: leadId(index),
    object: 'lead',
    created_at: timeOf(-1),
    updated_at: timeOf(night),
    full_name: `First${index % 997} Last${index % 7_919}`,
    email: `person.${index}@example-${index % 1_009}.com`,
    phone: index % 3 === 0 ? null : `+49 30 ${1_000_000 + (index % 8_999_999)}`,
    company_name: `Company ${index % 10_007} GmbH`,
    title: night === 0 ? `Head of ${index % 41}` : `Changed in night ${night}`,
    location: `City ${index % 503}`,
    tags: index % 4 === 0 ? ['new', `tag-${index % 11}`] : [],
    is_qualified: index % 5 === 0,
    ...metaOf(index, night),
  };
}

function activity(index: number, night: number): ParsedRow {
  return {
    id: `act_${hash(`activity ${index} ${night}`).slice(0, 24)}`,
    object: 'lead_activity',
    lead_id: leadId(index),
    created_at: timeOf(night),
    type: ['note', 'call', 'email_opened'][index % 3] ?? null,
    summary: `Spoke with person.${index + 1} about offer ${index % 10_007}`,
    ...metaOf(index, night),
  };
}

function metaOf(index: number, night: number): ParsedRow {
  return {
    _run_id: runIdOf(night),
    _extracted_at: timeOf(night),
    _request_id: `req_${Math.floor(index / 100)}_${night}`,
    _digest: hash(`${index} ${night}`).slice(0, 22),
    _deleted_at: null,
    _extra: null,
  };
}

export async function writeLake(store: ObjectStore, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, index) => index);
  for (const [stream, row] of [
    [leads, lead],
    [leadActivities, activity],
  ] as const) {
    const later: MergeChunk[] = [];
    for (let night = 0; night < nights; night += 1) {
      const indexes = night === 0 ? all : changed(night, count);
      const chunks = await writeChunks(store, stream, night, indexes, row);
      // The number of merges does not matter, so only the last nights, whose snapshots are kept, merge separately.
      if (night > 0) later.push(...chunks);
      if (night === 0) await merge(store, stream, night, chunks);
      else if (night >= nights - 10) await merge(store, stream, night, later.splice(0));
    }
  }
  for (let night = 0; night < nights; night += 1) await writeRun(store, night, count);
}

async function writeChunks(
  store: ObjectStore,
  stream: Stream,
  night: number,
  indexes: readonly number[],
  row: (index: number, night: number) => ParsedRow,
): Promise<MergeChunk[]> {
  const chunks: MergeChunk[] = [];
  const [runId, taskId] = [runIdOf(night), `${stream.name}.0`];
  for (let from = 0; from < indexes.length; from += chunkRows) {
    const sequence = from / chunkRows;
    const rows = indexes.slice(from, from + chunkRows).map((index) => row(index, night));
    const key = parquetKey(stream.name, dateOf(night), runId, taskId, sequence);
    const file = writeParquet(tableOf(stream), rows);
    await store.put(key, file);
    chunks.push({ id: `${runId}/${sequence}`, taskId, key, rows: rows.length, bytes: file.byteLength });
    if (night >= nights - recentNights)
      await store.put(chunkKey(stream.name, runId, taskId, sequence), gzipped(rows.map((one) => rawLine(stream, one))));
  }
  return chunks;
}

function rawLine({ parent }: Stream, row: ParsedRow): string {
  const fields = Object.fromEntries(
    Object.entries(row).filter(([name]) => !name.startsWith('_') && name !== parent?.key),
  );
  const owner = parent ? { parent: String(row[parent.key]) } : {};
  const meta = { request_id: String(row['_request_id']), extracted_at: timeOf(0).toISOString(), ...owner };
  return formatRawLine(meta, JSON.stringify(fields));
}

async function merge(store: ObjectStore, stream: Stream, night: number, chunks: readonly MergeChunk[]): Promise<void> {
  const startedAt = timeOf(night).toISOString();
  const choice = { forced: false, approved: false, lookbackHours: 24, confirmAfterSeconds: 900, maxDeletedShare: 0.05 };
  const input = { runId: runIdOf(night), startedAt, ...choice, chunks, scopes: [], deletedParents: [] };
  const { done } = await mergeTable(stream, input, {
    store,
    catalog: { point: async () => undefined },
    warehouse,
    clock: { now: () => timeOf(night) },
    log: { info() {}, warn() {}, error() {} },
    deadline: { remainingMilliseconds: () => Number.POSITIVE_INFINITY },
    newId: randomUUID,
  });
  if (!done) throw new Error('The merge did not come to its end.');
  await expireTable(store, warehouse, stream.name, { snapshotDays: 7, now: timeOf(night) });
}

/** The row of `pipeline_runs`; for the last nights also the plan, the round of activities and a receipt of each stream. */
async function writeRun(store: ObjectStore, night: number, count: number): Promise<void> {
  const runId = runIdOf(night);
  const at = timeOf(night).toISOString();
  const of = { run_id: runId, table_name: leads.name, kind: 'nightly', started_at: timeOf(night) };
  const row = { ...of, status: 'complete', run_status: 'complete' };
  await store.put(runTableKey(dateOf(night), runId), writeParquet(pipelineRuns, [row]));
  if (night < nights - recentNights) return;
  const names = streams.map(({ name }) => name);
  const plan = { runId, kind: 'nightly', startedAt: at, deadline: at, streams: names, tasks: [], fullRefresh: false };
  await writeJson(store, planKey(runId), plan);
  const ids = changed(night, count).map(leadId);
  const tasks = Array.from({ length: Math.ceil(ids.length / maxIdsPerTask) }, (_, task) => {
    const parents = ids.slice(task * maxIdsPerTask, (task + 1) * maxIdsPerTask);
    return {
      taskId: `${leadActivities.name}.${task}`,
      stream: leadActivities.name,
      selection: { kind: 'parents', ids: parents },
    };
  });
  await writeJson(store, roundKey(runId, 1), { round: 1, tasks });
  const outcome = {
    status: 'done',
    chunks: [],
    rows: 0,
    askedAt: at,
    read: 1,
    missing: [],
    failed: [],
    notes: [],
    resume: null,
  };
  for (const stream of names) {
    const taskId = `${stream}.0`;
    const receipt = {
      taskId,
      stream,
      ...outcome,
      converted: null,
      requests: 1,
      retries: 0,
      error: null,
      finishedAt: at,
    };
    await writeJson(store, extractReceiptKey(runId, taskId), receipt);
  }
}
