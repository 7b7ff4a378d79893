import type { ColumnValue } from '../../contract/column-types.ts';
import type { RowColumns } from '../iceberg/data-file.ts';
import { decompressedBytes, readParquetColumns } from '../rows/parquet/read-columns.ts';
import { compareRows, type KeyColumns, keyColumns } from './keys.ts';
import type { RowCopy } from './merge-copies.ts';
import type { MergeChunk } from './merge-input.ts';
import type { MergeLimits } from './merge-limits.ts';
import type { ObjectCache } from './object-cache.ts';
import { type ColumnReader, PackedColumn, readersOf } from './packed-column.ts';

/** Copies of rows from the chunks that are merged together. */
export interface CopyBatch {
  readonly chunks: readonly MergeChunk[];
  /** Keys of all copies, in the order of the chunks. */
  readonly keys: KeyColumns;
  /** Indexes of all copies, sorted by key, then by request time. */
  readonly order: Uint32Array;
  /** For each copy: the index of its chunk in `chunks`, and its row in that chunk. */
  readonly chunkOf: Uint32Array;
  readonly rowOf: Uint32Array;
  /** Average bytes per row in the chunks' files. */
  readonly bytesPerRow: number;
  copy(at: number): RowCopy;
  /** All columns of a chunk's rows. After the first read they stay in memory. */
  columns(chunk: number): Promise<Readonly<Record<string, ColumnReader>>>;
  /** Frees the memory of the columns at once, before the garbage collector would. They cannot be read after that. */
  free(): void;
}

/**
 * Reads as many of the first chunks as may be merged at once.
 * @param chunks at least one
 * @param columns all columns of the table
 */
export async function readBatch(
  chunks: readonly MergeChunk[],
  key: readonly string[],
  columns: readonly string[],
  cache: ObjectCache,
  limits: MergeLimits,
): Promise<CopyBatch> {
  const taken = await firstChunks(chunks, cache, limits);
  const lightNames = [...new Set([...key, ...orderColumns])];
  const otherNames = columns.filter((name) => !lightNames.includes(name));
  const read: RowColumns[] = [];
  let bytes = 0;
  for await (const [chunk, file] of cache.each(taken)) {
    bytes += file.byteLength;
    read.push(await readParquetColumns(chunk.key, file, lightNames, { timesAsNumbers: true }));
  }
  const light = joinColumns(read, lightNames);
  const keys = keyColumns(light, key);
  const copies = rowCopies(light);
  const [chunkOf, rowOf] = placesOf(read.map(({ _digest = [] }) => _digest.length));
  const known = new Map<number, Readonly<Record<string, ColumnReader>>>();
  const packed = new Map(otherNames.map((name) => [name, new PackedColumn()]));
  return {
    chunks: taken,
    keys,
    order: chunkOf
      .map((_, at) => at)
      .toSorted((a, b) => compareRows(keys, a, keys, b) || copies.asked(a) - copies.asked(b)),
    chunkOf,
    rowOf,
    bytesPerRow: bytes / Math.max(1, rowOf.length),
    copy: copies.at,
    async columns(chunk) {
      const before = known.get(chunk);
      if (before) return before;
      const fileKey = taken[chunk]?.key ?? '';
      const others = await readParquetColumns(fileKey, await cache.get(fileKey), otherNames, { timesAsNumbers: true });
      const all = readersOf(read[chunk] ?? {});
      for (const [name, column] of packed) all[name] = column.add(others[name] ?? []);
      known.set(chunk, all);
      return all;
    },
    free() {
      for (const column of packed.values()) column.free();
    },
  };
}

async function firstChunks(
  chunks: readonly MergeChunk[],
  cache: ObjectCache,
  { batchRows, batchBytes }: MergeLimits,
): Promise<MergeChunk[]> {
  const taken = upToRows(chunks, batchRows);
  let bytes = 0;
  let end = 0;
  for await (const [chunk, file] of cache.each(taken)) {
    bytes += decompressedBytes(chunk.key, file);
    if (end > 0 && bytes > batchBytes) break;
    end += 1;
  }
  return taken.slice(0, end);
}

/** As many of the first chunks as have at most this many rows together, and at least one. */
export function upToRows(chunks: readonly MergeChunk[], most: number): MergeChunk[] {
  let rows = 0;
  const end = chunks.findIndex((chunk, at) => (rows += chunk.rows) > most && at > 0);
  return chunks.slice(0, end === -1 ? chunks.length : end);
}

/** For each row of chunks of these lengths: the index of its chunk, and its row in that chunk. */
function placesOf(lengths: readonly number[]): readonly [Uint32Array, Uint32Array] {
  const rows = lengths.reduce((sum, length) => sum + length, 0);
  const chunkOf = new Uint32Array(rows);
  const rowOf = new Uint32Array(rows);
  let at = 0;
  for (const [chunk, length] of lengths.entries()) {
    for (let row = 0; row < length; row += 1, at += 1) {
      chunkOf[at] = chunk;
      rowOf[at] = row;
    }
  }
  return [chunkOf, rowOf];
}

export function joinColumns(parts: readonly RowColumns[], names: readonly string[]): RowColumns {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  return Object.fromEntries(names.map((name) => [name, parts.flatMap((columns) => columns[name] ?? [])]));
}

/** Columns that decide which copy of a row is newer. */
export const orderColumns = ['_extracted_at', 'updated_at', '_digest', '_extra'] as const;

/** Rows as copies. The columns have to include {@link orderColumns}, with times as numbers. */
export function rowCopies(columns: RowColumns): { asked(row: number): number; at(row: number): RowCopy } {
  const { _extracted_at: asked = [], updated_at: updated = [], _digest: digest = [], _extra: extra = [] } = columns;
  return {
    asked: (row) => timeOf(asked[row]) ?? 0,
    at: (row) => ({
      asked: timeOf(asked[row]) ?? 0,
      updated: timeOf(updated[row]),
      digest: textOf(digest[row]) ?? '',
      extra: textOf(extra[row]),
    }),
  };
}

function timeOf(value: ColumnValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function textOf(value: ColumnValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
