import { readColumns } from '../iceberg/data-file.ts';
import type { TableSchema } from '../iceberg/metadata.ts';
import { readParquetColumns } from '../rows/parquet/read-columns.ts';
import { rowCopies } from './copy-batch.ts';
import { HashSet } from '../rows/hash-set.ts';
import { compareKeys, type Key, keyAt, keyColumns, keyJson } from './keys.ts';
import type { MergeChunk } from './merge-input.ts';
import { askedAt, scopeReadAt, type ReadAt } from './request-times.ts';
import type { FileSlot, TableDraft } from './table-draft.ts';

/** A row of the table that a read should have returned but did not. */
export interface MissingRow {
  readonly key: Key;
  /** When the read was requested. */
  readonly askedAt: number;
  /** When the row was last requested before that read. */
  readonly seen: number;
}

/** Which rows a read should have returned. */
export type ExpectedRows =
  /** Every row of the table. */
  | { readonly kind: 'list'; readonly askedAt: number }
  /** The children of these parents. The value is when each parent's children were requested. */
  | { readonly kind: 'parents'; readonly parents: ReadonlyMap<string, number> };

export interface Missing {
  readonly rows: readonly MissingRow[];
  /** At least `rows.length`: `rows` is cut at the number that the caller wants. */
  readonly count: number;
}

/**
 * Rows of the table that a read did not return and that were last requested before it. Reads data files one by one, and
 * the answer's chunks only if a row may be missing.
 * @param most rows that the caller wants; further ones are only counted
 * @param loadReads undefined for a table without parents
 */
export async function findMissing(
  draft: TableDraft,
  expected: ExpectedRows,
  answer: readonly MergeChunk[],
  most: number,
  loadReads: ((parentIds: ReadonlySet<string>) => Promise<ReadAt>) | undefined,
): Promise<Missing> {
  const { table, schema, cache, state } = draft;
  const rows: MissingRow[] = [];
  let count = 0;
  let given: HashSet | undefined;
  const latest =
    expected.kind === 'list'
      ? expected.askedAt
      : [...expected.parents.values()].reduce((one, other) => Math.max(one, other), 0);
  const slots = touchedSlots(draft.slots, expected).filter((slot) => earliestRequest(slot, schema) < latest);
  for await (const [file, bytes] of cache.each(slots.map((slot) => slot.file))) {
    const columns = await readColumns(file.key, bytes, schema, [...table.key, '_extracted_at'], {
      timesAsNumbers: true,
    });
    const keys = keyColumns(columns, table.key);
    const { asked } = rowCopies(columns);
    const candidates: MissingRow[] = [];
    for (let row = 0; row < file.rows; row += 1) {
      const at = expected.kind === 'list' ? expected.askedAt : expected.parents.get(String(keys[0]?.[row]));
      if (at === undefined || asked(row) >= at) continue;
      given ??= await keysOf(answer, draft);
      const key = keyAt(keys, row);
      if (!given.has(keyJson(key))) candidates.push({ key, askedAt: at, seen: asked(row) });
    }
    const readAt = loadReads ? await loadReads(new Set(candidates.map(({ key }) => String(key[0])))) : () => undefined;
    for (const candidate of candidates) {
      const parentId = loadReads ? String(candidate.key[0]) : undefined;
      const covered = scopeReadAt(state, parentId, readAt);
      // If its deletions were held back, the ledger already has this very read, which did not return the row.
      const earlier = covered === candidate.askedAt ? undefined : covered;
      const seen = askedAt(state, keyJson(candidate.key), candidate.seen, earlier);
      if (seen >= candidate.askedAt) continue;
      count += 1;
      if (rows.length < most) rows.push({ ...candidate, seen });
    }
  }
  return { rows, count };
}

async function keysOf(answer: readonly MergeChunk[], draft: TableDraft): Promise<HashSet> {
  const given = new HashSet(answer.reduce((sum, chunk) => sum + chunk.rows, 0));
  for await (const keys of readKeys(draft, answer)) for (const key of keys) given.add(keyJson(key));
  return given;
}

/** The keys of the rows in chunks, chunk by chunk. */
export async function* readKeys(
  { table, cache }: TableDraft,
  chunks: readonly MergeChunk[],
): AsyncGenerator<readonly Key[]> {
  for await (const [chunk, bytes] of cache.each(chunks)) {
    const columns = keyColumns(await readParquetColumns(chunk.key, bytes, table.key), table.key);
    yield (columns[0] ?? []).map((_, row) => keyAt(columns, row));
  }
}

/**
 * When the first of the file's rows was requested, in milliseconds; -Infinity if unknown. Files whose rows are all
 * newer than the read are skipped, so a first load does not reread what it has just written.
 */
function earliestRequest({ file }: FileSlot, { fields }: TableSchema): number {
  const id = fields.find(({ name }) => name === '_extracted_at')?.id ?? 0;
  const { lower, nulls = 1 } = file.stats.get(id) ?? {};
  if (!lower || nulls > 0) return Number.NEGATIVE_INFINITY;
  const microseconds = new DataView(lower.buffer, lower.byteOffset, lower.byteLength).getBigInt64(0, true);
  return Number(microseconds / 1000n);
}

/** Data files that can hold a row that the read should have returned. */
function touchedSlots(slots: readonly FileSlot[], expected: ExpectedRows): readonly FileSlot[] {
  if (expected.kind === 'list') return slots;
  const parents = [...expected.parents.keys()].map((parent) => [parent]).toSorted(compareKeys);
  return slots.filter(({ lower, upper }) => {
    // The first parent that can have rows in this data file or a later one. The key of a parent alone sorts before the
    // keys of its rows.
    const first = parents.find((parent) => compareKeys(parent, lower.slice(0, 1)) >= 0);
    return first !== undefined && compareKeys(first, upper) <= 0;
  });
}
