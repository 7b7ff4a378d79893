/**
 * Sorts a load that takes several batches: it copies the rows of its chunks into files that each hold a narrow range of
 * keys. A batch of them then touches only the data files of that range. If rows come in no order, every batch would
 * otherwise rewrite the whole table.
 */

import { decompressedBytes, readParquetColumns } from '../rows/parquet/read-columns.ts';
import { type CopyBatch, readBatch } from './copy-batch.ts';
import { compareKeys, type Key, keyAt, keyColumns } from './keys.ts';
import type { MergeChunk } from './merge-input.ts';
import { mergeLimits } from './merge-limits.ts';
import type { RunProgress, SortedLoad } from './merge-state.ts';
import { type Changes, rangesBetween, writeRows } from './rewrite-files.ts';
import type { MergePorts, TableDraft } from './table-draft.ts';

/** How many keys of a load are compared to find ranges of about equal size. */
const sampleSize = 10_000;
/** The ranges differ somewhat in size. With this many times as many, each still fits into one batch. */
const spareRanges = 1.2;

/**
 * Copies the rows of chunks into files by key range. The files lie among the table's data files, and no commit names
 * them: expiry deletes them after a day.
 * @param chunks at least one
 * @returns the files of each range, to be merged in place of the chunks. A commit has to name them before they are
 * merged, so that a merge that starts over, or another one, goes on with them
 */
export async function sortLoad(
  draft: TableDraft,
  chunks: readonly MergeChunk[],
  ports: MergePorts,
): Promise<SortedLoad> {
  const bounds = await findBounds(draft, chunks, ports);
  const sorted = Array.from({ length: bounds.length + 1 }, (): MergeChunk[] => []);
  const names = draft.schema.fields.map(({ name }) => name);
  for (const [like, ...others] of Map.groupBy(chunks, healing).values()) {
    if (!like) continue;
    for (let rest = [like, ...others]; rest.length > 0; ) {
      const batch = await readBatch(rest, draft.table.key, names, draft.cache, ports.limits ?? mergeLimits);
      const copies = copiesOf(batch);
      for (const [at, range] of rangesBetween(bounds, copies.keys, copies.length).entries()) {
        if (range.from === range.to) continue;
        const { key, rows, bytes } = await writeRows(draft, copies, range, ports);
        sorted[at]?.push({ ...like, id: key, key, rows, bytes });
      }
      batch.free();
      rest = rest.slice(batch.chunks.length);
    }
  }
  return { sortedAt: ports.clock.now().getTime(), chunks: chunks.map(({ id }) => id), ranges: sorted };
}

/** Expiry deletes files that no commit names after a day. A load that is nearly that old is sorted anew. */
const mostHours = 12;

/** The load whose sorted files are still to be merged; undefined if there is none. */
export function pendingLoad({ load }: RunProgress, now: Date): SortedLoad | undefined {
  return load && now.getTime() - load.sortedAt < mostHours * 3_600_000 ? load : undefined;
}

/** What decides whether a changed row of the chunk counts as healed. Only chunks that agree in it share files. */
const healing = ({ reread = false, healsBefore = '' }: MergeChunk) => `${reread} ${healsBefore}`;

/** Keys that cut the load into ranges of about equal size, each of which fits into a batch. */
async function findBounds(
  { table, cache }: TableDraft,
  chunks: readonly MergeChunk[],
  { limits: { batchRows, batchBytes } = mergeLimits }: MergePorts,
): Promise<Key[]> {
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const step = Math.ceil(rows / sampleSize);
  const sample: Key[] = [];
  let bytes = 0;
  let next = 0;
  for await (const [chunk, file] of cache.each(chunks)) {
    bytes += decompressedBytes(chunk.key, file);
    const keys = keyColumns(await readParquetColumns(chunk.key, file, table.key), table.key);
    for (; next < chunk.rows; next += step) sample.push(keyAt(keys, next));
    next -= chunk.rows;
  }
  sample.sort(compareKeys);
  const ranges = Math.ceil(spareRanges * Math.max(rows / batchRows, bytes / batchBytes));
  return Array.from({ length: ranges - 1 }, (_, at) => sample[Math.floor(((at + 1) * sample.length) / ranges)] ?? []);
}

/** All copies of a batch as rows to write, in the order of their keys. */
function copiesOf({ keys, order, chunkOf, rowOf, columns }: CopyBatch): Changes {
  return {
    keys: keys.map((column) => Array.from(order, (place) => column[place] ?? '')),
    length: order.length,
    sourceOf: (at) => chunkOf[order[at] ?? 0] ?? 0,
    row: (at) => rowOf[order[at] ?? 0] ?? 0,
    columns,
    isInsert: () => true,
  };
}
