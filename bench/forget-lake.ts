/** Writes a year of nights as the pipeline would: leads, and one activity of each lead. 0.3% change each night. */

import { createHash } from 'node:crypto';
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
import type { ObjectStore } from '../lambdas/core/ports.ts';
import { packLines } from '../lambdas/core/rows/packed-lines.ts';
import { writeParquet } from '../lambdas/core/rows/parquet/write.ts';
import { formatRawLine } from '../lambdas/core/rows/raw-line.ts';
import type { ParsedRow } from '../lambdas/core/rows/rows.ts';
import { writeJson } from '../lambdas/core/store/stored-json.ts';
import { leadActivities, leads } from '../lambdas/streams/leads.ts';
import { streams } from '../lambdas/streams/registry.ts';
import { writeCurrent } from './forget-current.ts';
import { chunkRows, dateOf, nights, runIdOf, timeOf } from './forget-nights.ts';

/** By default the bucket keeps raw chunks and records of runs for 30 days. */
const recentNights = 30;
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

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

const activityId = (index: number, night: number) => `act_${hash(`activity ${index} ${night}`).slice(0, 24)}`;
const activityKey = (index: number, night: number) => `${leadId(index)} ${activityId(index, night)}`;

function activity(index: number, night: number): ParsedRow {
  return {
    id: activityId(index, night),
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

export const tables: readonly Stream[] = [leads, leadActivities];

/** Writes the history and the current table of one stream. */
export async function writeTable(store: ObjectStore, stream: Stream, count: number): Promise<void> {
  const isLead = stream.name === leads.name;
  const row = isLead ? lead : activity;
  /** For each current row, by the text of its key: its number, and the night of its version. */
  const current = new Map<string, readonly [index: number, night: number]>();
  for (let night = 0; night < nights; night += 1) {
    const indexes = night === 0 ? Array.from({ length: count }, (_, index) => index) : changed(night, count);
    await writeChunks(store, stream, night, indexes, row);
    for (const index of indexes) current.set(isLead ? leadId(index) : activityKey(index, night), [index, night]);
  }
  await writeCurrent(store, stream, current, row);
}

/** Plans and receipts of the last nights, and a row of `pipeline_runs` for each night. */
export async function writeRuns(store: ObjectStore, count: number): Promise<void> {
  for (let night = 0; night < nights; night += 1) await writeRun(store, night, count);
}

async function writeChunks(
  store: ObjectStore,
  stream: Stream,
  night: number,
  indexes: readonly number[],
  row: (index: number, night: number) => ParsedRow,
): Promise<void> {
  const [runId, taskId] = [runIdOf(night), `${stream.name}.0`];
  for (let from = 0; from < indexes.length; from += chunkRows) {
    const sequence = from / chunkRows;
    const rows = indexes.slice(from, from + chunkRows).map((index) => row(index, night));
    const key = parquetKey(stream.name, dateOf(night), runId, taskId, sequence);
    await store.put(key, writeParquet(tableOf(stream), rows));
    if (night >= nights - recentNights)
      await store.put(
        chunkKey(stream.name, runId, taskId, sequence),
        packLines(rows.map((one) => rawLine(stream, one))).gzipped(),
      );
  }
}

function rawLine({ parent }: Stream, row: ParsedRow): string {
  const fields = Object.fromEntries(
    Object.entries(row).filter(([name]) => !name.startsWith('_') && name !== parent?.key),
  );
  const owner = parent ? { parent: String(row[parent.key]) } : {};
  const meta = { request_id: String(row['_request_id']), extracted_at: timeOf(0).toISOString(), ...owner };
  return formatRawLine(meta, JSON.stringify(fields));
}

/** The row of `pipeline_runs`. For the last nights also the plan, the round of activities and a receipt per stream. */
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
