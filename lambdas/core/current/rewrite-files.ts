import { type RowColumns, type RowSource, readColumns, writeDataFile, type WrittenFile } from '../iceberg/data-file.ts';
import { joinColumns } from './copy-batch.ts';
import { compareKeys, compareRows, type Key, type KeyColumns, keyAt, keyColumns } from './keys.ts';
import { mergeLimits } from './merge-limits.ts';
import { type FileGroup, planFiles, targetRows } from './plan-files.ts';
import { type ColumnReader, readersOf } from './packed-column.ts';
import type { FileSlot, MergePorts, TableDraft } from './table-draft.ts';

/** Rows to write and rows to delete: sorted by key. */
export interface Changes {
  readonly keys: KeyColumns;
  readonly length: number;
  /** The `source` whose columns hold the new row; -1 deletes the row. */
  sourceOf(at: number): number;
  /** Index of the new row in those columns. */
  row(at: number): number;
  columns(source: number): Promise<Readonly<Record<string, ColumnReader>>>;
  /** True if the table has no row with the key yet. */
  isInsert(at: number): boolean;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Rewrites the data files that the changes touch.
 * @param bytesPerRow of the new rows; used only if the table has no rows yet
 */
export async function rewriteFiles(
  draft: TableDraft,
  changes: Changes,
  bytesPerRow: number,
  ports: MergePorts,
): Promise<void> {
  if (changes.length === 0) return;
  const slots = draft.slots.length > 0 ? draft.slots : [undefined];
  const ranges = routeKeys(draft.slots, changes.keys, changes.length);
  const sizes = slots.map((slot, at) => sizeAfter(slot, changes, ranges[at] ?? { from: 0, to: 0 }));
  const rows = sizes.reduce((sum, size) => sum + size.rows, 0);
  const groups = planFiles(
    sizes,
    targetRows({ rows, bytesPerRow: bytesOfRow(draft.slots) ?? bytesPerRow }, ports.limits ?? mergeLimits),
  );
  const after: FileSlot[] = [];
  let next = 0;
  for (const group of groups) {
    const range = { from: ranges[group.from]?.from ?? 0, to: ranges[group.to - 1]?.to ?? 0 };
    after.push(...draft.slots.slice(next, group.from));
    after.push(...(await writeGroup(draft, draft.slots.slice(group.from, group.to), changes, range, group, ports)));
    next = group.to;
  }
  draft.slots = [...after, ...draft.slots.slice(next)];
}

/**
 * The range of the sorted keys that belongs to each data file; a single range if there are no files. The range of a
 * file ends where that of the next begins.
 */
export function routeKeys(slots: readonly FileSlot[], keys: KeyColumns, length: number): Range[] {
  const bounds = slots.slice(1).map(({ lower }) => lower);
  return rangesBetween(bounds, keys, length);
}

/** Cuts sorted keys at these bounds: the first range ends before the first bound, and the last has no bound. */
export function rangesBetween(bounds: readonly Key[], keys: KeyColumns, length: number): Range[] {
  const ends = bounds.map((bound) => firstNotBelow(keys, length, bound));
  return [...ends, length].map((to, at) => ({ from: ends[at - 1] ?? 0, to }));
}

/** Index of the first of the sorted keys that is not below the bound. */
function firstNotBelow(keys: KeyColumns, length: number, bound: Key): number {
  let from = 0;
  let to = length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compareKeys(keyAt(keys, middle), bound) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function sizeAfter(slot: FileSlot | undefined, changes: Changes, { from, to }: Range) {
  let rows = slot?.file.rows ?? 0;
  for (let at = from; at < to; at += 1) rows += changes.sourceOf(at) === -1 ? -1 : Number(changes.isInsert(at));
  return { rows, isTouched: to > from };
}

function bytesOfRow(slots: readonly FileSlot[]): number | undefined {
  const rows = slots.reduce((sum, { file }) => sum + file.rows, 0);
  return rows > 0 ? slots.reduce((sum, { file }) => sum + file.bytes, 0) / rows : undefined;
}

/** Writes the new rows of a range as one file. The range has a row at least, and deletes none. */
export async function writeRows(
  { table, schema }: Pick<TableDraft, 'table' | 'schema'>,
  changes: Changes,
  range: Range,
  { store, clock, newId }: MergePorts,
): Promise<WrittenFile> {
  const rows = await mergeRows({}, table.key, changes, range);
  return writeDataFile(store, table, schema, rows.slice(0, rows.length), { now: clock.now(), newId });
}

async function writeGroup(
  draft: TableDraft,
  slots: readonly FileSlot[],
  changes: Changes,
  range: Range,
  { pieces }: Pick<FileGroup, 'pieces'>,
  ports: MergePorts,
): Promise<FileSlot[]> {
  const { table, schema, cache } = draft;
  const { store, clock, newId } = ports;
  const names = schema.fields.map(({ name }) => name);
  const parts: RowColumns[] = [];
  for (const { file } of slots)
    parts.push(await readColumns(file.key, await cache.get(file.key), schema, names, { timesAsNumbers: true }));
  const merged = await mergeRows(joinColumns(parts, names), table.key, changes, range);
  const written: FileSlot[] = [];
  for (const { from, to } of split({ from: 0, to: merged.length }, pieces)) {
    const file = await writeDataFile(store, table, schema, merged.slice(from, to), { now: clock.now(), newId });
    written.push({ file, lower: merged.keyAt(from), upper: merged.keyAt(to - 1) });
  }
  return written;
}

/** Ranges of about equal size. */
function split({ from, to }: Range, pieces: number): Range[] {
  const ends = Array.from({ length: pieces }, (_, at) => from + Math.floor(((to - from) * (at + 1)) / pieces));
  return ends.map((end, at) => ({ from: ends[at - 1] ?? from, to: end }));
}

/** Rows of a group with the changes applied, sorted by key. Their values are made when they are written. */
interface MergedRows {
  readonly length: number;
  slice(from: number, to: number): RowSource;
  keyAt(row: number): Key;
}

async function mergeRows(
  current: RowColumns,
  key: readonly string[],
  changes: Changes,
  range: Range,
): Promise<MergedRows> {
  const taken = planRows(keyColumns(current, key), changes, range);
  const parts: Readonly<Record<string, ColumnReader>>[] = [readersOf(current)];
  const partOfSource = new Map<number, number>();
  for (let at = range.from; at < range.to; at += 1) {
    const source = changes.sourceOf(at);
    if (source === -1 || partOfSource.has(source)) continue;
    partOfSource.set(source, parts.length);
    parts.push(await changes.columns(source));
  }
  const partOf = Uint32Array.from(taken, (at) => (at >= 0 ? 0 : (partOfSource.get(changes.sourceOf(-1 - at)) ?? 0)));
  const rowOf = Uint32Array.from(taken, (at) => (at >= 0 ? at : changes.row(-1 - at)));
  const slice = (from: number, to: number): RowSource => ({
    rows: to - from,
    column(name) {
      const columns = parts.map((part) => part[name]);
      return Array.from(
        { length: to - from },
        (_, at) => columns[partOf[from + at] ?? 0]?.(rowOf[from + at] ?? 0) ?? null,
      );
    },
  });
  const keyAtRow = (row: number) => {
    const { column } = slice(row, row + 1);
    return keyAt(keyColumns(Object.fromEntries(key.map((name) => [name, column(name) ?? []])), key), 0);
  };
  return { length: taken.length, slice, keyAt: keyAtRow };
}

/** For each row of the result: its index among the current rows, or `-1 - i` if change `i` holds it. */
function planRows(current: KeyColumns, changes: Changes, { from, to }: Range): number[] {
  const rows = current[0]?.length ?? 0;
  const taken: number[] = [];
  let row = 0;
  for (let at = from; at < to; at += 1) {
    while (row < rows && compareRows(current, row, changes.keys, at) < 0) {
      taken.push(row);
      row += 1;
    }
    if (row < rows && compareRows(current, row, changes.keys, at) === 0) row += 1;
    if (changes.sourceOf(at) !== -1) taken.push(-1 - at);
  }
  for (; row < rows; row += 1) taken.push(row);
  return taken;
}
