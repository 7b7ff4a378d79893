/** The current tables of the bench's lake. */

import { randomUUID } from 'node:crypto';
import { dataFileKey } from '../lambdas/contract/current-keys.ts';
import { currentTableOf, type Stream, tableOf } from '../lambdas/contract/stream.ts';
import type { MergeChunk } from '../lambdas/core/current/merge-input.ts';
import { mergeTable } from '../lambdas/core/current/merge-table.ts';
import { commitDraft, type FileSlot, type MergePorts, openDraft } from '../lambdas/core/current/table-draft.ts';
import { compareText } from '../lambdas/core/iceberg/bounds.ts';
import { expireTable } from '../lambdas/core/iceberg/expire.ts';
import type { ObjectStore } from '../lambdas/core/ports.ts';
import { writeParquet } from '../lambdas/core/rows/parquet/write.ts';
import type { ParsedRow } from '../lambdas/core/rows/rows.ts';
import { chunkRows, nights, runIdOf, timeOf, warehouse } from './forget-nights.ts';

/** Nights at the end of the year that each write a snapshot. Expiry then keeps only the newest ones. */
const snapshotNights = 10;

/**
 * Writes the current rows in one merge, in the order of the keys, so that no file is written twice. A merge for each
 * night would take hours. Each of the last nights then adds a snapshot, see {@link renew}.
 * @param current the number and night of each row, by its key
 */
export async function writeCurrent(
  store: ObjectStore,
  stream: Stream,
  current: ReadonlyMap<string, readonly [index: number, night: number]>,
  row: (index: number, night: number) => ParsedRow,
): Promise<void> {
  const night = nights - snapshotNights - 1;
  const keys = [...current.keys()].toSorted(compareText);
  const chunks: MergeChunk[] = [];
  for (let from = 0; from < keys.length; from += chunkRows) {
    const rows = keys.slice(from, from + chunkRows).map((key) => row(...(current.get(key) ?? [0, 0])));
    const key = `unsorted/${stream.name}/${from}.parquet`;
    const file = writeParquet(tableOf(stream), rows);
    await store.put(key, file);
    chunks.push({ id: key, taskId: `${stream.name}.0`, key, rows: rows.length, bytes: file.byteLength });
  }
  const startedAt = timeOf(night).toISOString();
  const choice = { forced: false, approved: false, lookbackHours: 24, confirmAfterSeconds: 900, maxDeletedShare: 0.05 };
  const input = { runId: runIdOf(night), startedAt, ...choice, chunks, scopes: [], deletedParents: [] };
  const { done } = await mergeTable(stream, input, portsOf(store, night));
  if (!done) throw new Error('The merge did not come to its end.');
  for (const { key } of chunks) await store.delete(key);
  for (let later = night + 1; later < nights; later += 1) await renew(store, stream, later);
}

/**
 * Adds a snapshot in which every file is new, as after a real night: each file holds some rows that change. The files
 * are copied, which takes seconds; merging would take minutes.
 */
async function renew(store: ObjectStore, stream: Stream, night: number): Promise<void> {
  const ports = portsOf(store, night);
  const draft = await openDraft(currentTableOf(stream), ports);
  const slots: FileSlot[] = [];
  for (const { file, lower, upper } of draft.slots) {
    const key = dataFileKey(stream.name, timeOf(night), randomUUID());
    const stored = await store.get(file.key);
    if (stored) await store.put(key, stored.body);
    slots.push({ file: { ...file, key, schema: draft.schema }, lower, upper });
  }
  draft.slots = slots;
  if (!(await commitDraft(draft, ports, { 'prospect-lake.run': runIdOf(night) })))
    throw new Error('Nobody else writes.');
  await expireTable(store, warehouse, stream.name, { snapshotDays: 7, now: timeOf(night) });
}

/** Ports for work on the lake at the time of a night. */
export function portsOf(store: ObjectStore, night: number): MergePorts {
  return {
    store,
    catalog: { point: async () => undefined },
    warehouse,
    clock: { now: () => timeOf(night) },
    log: { info() {}, warn() {}, error() {} },
    deadline: { remainingMilliseconds: () => Number.POSITIVE_INFINITY },
    newId: randomUUID,
  };
}
