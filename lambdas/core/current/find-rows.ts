import { type RowColumns, readColumns } from '../iceberg/data-file.ts';
import { orderColumns, rowCopies } from './copy-batch.ts';
import { compareRows, type KeyColumns, keyColumns } from './keys.ts';
import type { RowCopy } from './merge-copies.ts';
import { routeKeys } from './rewrite-files.ts';
import type { TableDraft } from './table-draft.ts';

/**
 * Finds the rows with these keys. Only files that can hold one are read, one after the other.
 * @param keys sorted, each once
 * @param names columns to read besides the key
 * @param onFile is given the columns of a file, and for each key that it holds the key's place and its row
 */
export async function matchRows(
  { slots, schema, table, cache }: TableDraft,
  keys: KeyColumns,
  length: number,
  names: readonly string[],
  onFile: (columns: RowColumns, found: readonly (readonly [key: number, row: number])[]) => void,
): Promise<void> {
  const files = routeKeys(slots, keys, length).flatMap(({ from, to }, at) => {
    const file = slots[at]?.file;
    return file && from < to ? [{ ...file, from, to }] : [];
  });
  for await (const [{ from, to, rows: size }, bytes] of cache.each(files)) {
    const columns = await readColumns(bytes, schema, [...table.key, ...names]);
    const rows = keyColumns(columns, table.key);
    const found: [number, number][] = [];
    let row = 0;
    for (let key = from; key < to; key += 1) {
      while (row < size && compareRows(rows, row, keys, key) < 0) row += 1;
      if (row < size && compareRows(rows, row, keys, key) === 0) found.push([key, row]);
    }
    onFile(columns, found);
  }
}

/** The current rows with these keys, see {@link matchRows}; undefined for a key that the table lacks. */
export async function findRows(draft: TableDraft, keys: KeyColumns, length: number): Promise<(RowCopy | undefined)[]> {
  const current = Array.from<RowCopy | undefined>({ length });
  await matchRows(draft, keys, length, orderColumns, (columns, found) => {
    const copies = rowCopies(columns);
    for (const [key, row] of found) current[key] = copies.at(row);
  });
  return current;
}
