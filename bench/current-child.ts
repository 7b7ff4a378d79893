/**
 * Measures one merge in its own process, so that its peak memory is its own: `current-child.ts <phase> <step> <folder>
 * <leads>`. Run it first with the phase `prepare`, which writes the files that convert would write, and then with
 * `merge`.
 */

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parquetKey } from '../lambdas/contract/object-keys.ts';
import { tableOf } from '../lambdas/contract/stream.ts';
import type { MergeChunk, MergeInput, ReadScope } from '../lambdas/core/current/merge-input.ts';
import { createTurns, type Turn } from '../lambdas/core/current/merge-turns.ts';
import { mergeTable } from '../lambdas/core/current/merge-table.ts';
import type { ParsedRow } from '../lambdas/core/rows/rows.ts';
import { writeParquet } from '../lambdas/core/rows/parquet/write.ts';
import { leads } from '../lambdas/streams/leads.ts';
import type { MergeMeasurement } from './current.ts';
import { FolderStore } from './folder-store.ts';

const [phase = '', step = '', folder = '', count = '0'] = process.argv.slice(2);
const rows = Number(count);
const store = new FolderStore(folder);
const startedAt = '2026-11-24T02:00:00.000Z';

/** A row as wide as the simulator's. Ids are unordered, like those of most vendors. */
function row(index: number, version: number): ParsedRow {
  const digest = createHash('sha256').update(`${index} ${version}`).digest('base64url').slice(0, 22);
  const id = createHash('sha256').update(String(index)).digest('hex').slice(0, 24);
  const asked = new Date(Date.parse(startedAt) + version * 86_400_000);
  const changed = new Date(Date.parse(startedAt) - 1_000 * index);
  return {
    id: `lead_${id}`,
    object: 'lead',
    created_at: new Date(changed.getTime() - 86_400_000),
    updated_at: version === 0 ? changed : asked,
    full_name: `First${index % 997} Last${index % 7_919}`,
    email: `person.${index}@example-${index % 1_009}.com`,
    phone: index % 3 === 0 ? null : `+49 30 ${1_000_000 + (index % 8_999_999)}`,
    company_name: `Company ${index % 10_007} GmbH`,
    title: version === 0 ? `Head of ${index % 41}` : `Changed ${version}`,
    location: `City ${index % 503}`,
    tags: index % 4 === 0 ? ['new', `tag-${index % 11}`] : [],
    is_qualified: index % 5 === 0,
    _run_id: `nightly-${version}`,
    _extracted_at: asked,
    _request_id: `req_${Math.floor(index / 100)}_${version}`,
    _digest: digest,
    _deleted_at: null,
    _extra: null,
  };
}

async function chunk(runId: string, sequence: number, copies: ParsedRow[]): Promise<MergeChunk> {
  const key = parquetKey('leads', '2026-11-24', runId, 'leads.0', sequence);
  const file = writeParquet(tableOf(leads), copies);
  await store.put(key, file);
  return { id: `leads.0/${sequence}`, taskId: 'leads.0', key, rows: copies.length, bytes: file.byteLength };
}

async function merge(
  table: string,
  runId: string,
  chunks: readonly MergeChunk[],
  scopes: readonly ReadScope[],
  turn: Turn,
): Promise<void> {
  const input: MergeInput = {
    runId,
    startedAt,
    forced: false,
    approved: false,
    lookbackHours: 24,
    confirmAfterSeconds: 900,
    maxDeletedShare: 0.05,
    chunks,
    scopes,
    deletedParents: [],
  };
  const { done } = await mergeTable({ ...leads, name: table }, input, {
    store,
    catalog: { point: () => Promise.resolve(undefined) },
    warehouse: { root: 's3://bench/' },
    clock: { now: () => new Date() },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    deadline: { remainingMilliseconds: () => 900_000 },
    newId: randomUUID,
    turn,
  });
  if (!done) throw new Error('The merge did not come to its end.');
}

const mergeChunks = z.array(
  z.object({ id: z.string(), taskId: z.string(), key: z.string(), rows: z.number(), bytes: z.number() }),
);

/** Numbers of `many` rows, spread over the whole table and unordered. */
const spread = (many: number) => Array.from({ length: many }, (_, at) => (at * 7_919_917) % rows);
const chunkRows = 10_000;
const all = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

interface Task {
  readonly runId: string;
  readonly version: number;
  readonly rows: () => number[];
  readonly listedOnDay?: number;
  /** Tables that are merged at the same time. @default leads */
  readonly tables?: readonly string[];
}

const tasks: Record<string, Task> = {
  load: { runId: 'nightly-0', version: 0, rows: () => all(0, rows), listedOnDay: 0 },
  night: { runId: 'nightly-1', version: 1, rows: () => spread(1000) },
  refresh: { runId: 'refresh-1', version: 2, rows: () => spread(5) },
  reread: { runId: 'nightly-3', version: 0, rows: () => all(0, rows), listedOnDay: 3 },
  pair: { runId: 'nightly-4', version: 0, rows: () => all(0, rows / 4), listedOnDay: 0, tables: ['one', 'other'] },
};

async function prepare({ runId, version, rows: rowsOf }: Task): Promise<MergeChunk[]> {
  const wanted = rowsOf();
  const chunks: MergeChunk[] = [];
  for (let from = 0; from < wanted.length; from += chunkRows) {
    const copies = wanted.slice(from, from + chunkRows).map((index) => row(index, version));
    chunks.push(await chunk(runId, chunks.length, copies));
  }
  return chunks;
}

async function measure(task: Task, chunks: readonly MergeChunk[]): Promise<MergeMeasurement> {
  const askedAt = new Date(Date.parse(startedAt) + (task.listedOnDay ?? 0) * 86_400_000).toISOString();
  const scopes: ReadScope[] = task.listedOnDay === undefined ? [] : [{ kind: 'list', taskId: 'leads.0', askedAt }];
  const started = performance.now();
  const before = process.cpuUsage();
  const turn = createTurns();
  const { runId, tables = [leads.name] } = task;
  await Promise.all(tables.map((table) => merge(table, runId, chunks, scopes, turn)));
  const cpu = process.cpuUsage(before);
  return {
    seconds: (performance.now() - started) / 1_000,
    cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
    // maxRSS is in KiB.
    peakBytes: process.resourceUsage().maxRSS * 1_024,
    calls: store.calls,
    ...store.bytes,
  };
}

const task = tasks[step];
if (!task) throw new RangeError(`There is no step '${step}'.`);
const list = join(folder, `${step}.json`);
if (phase === 'prepare') writeFileSync(list, JSON.stringify(await prepare(task)));
else
  process.stdout.write(JSON.stringify(await measure(task, mergeChunks.parse(JSON.parse(readFileSync(list, 'utf8'))))));
