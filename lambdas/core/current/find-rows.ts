import { type RowColumns, readColumns } from '../iceberg/data-file.ts';
import { orderColumns, rowCopies } from './copy-batch.ts';
import { compareRows, type KeyColumns, keyColumns } from './keys.ts';
import type { RowCopy } from './merge-copies.ts';
import { routeKeys } from './rewrite-files.ts';
import type { TableDraft } from './table-draft.ts';

/**
 * Finds the rows with these keys. Reads only files that can hold one of them, file by file.
 * @param keys sorted, without duplicates
 * @param names columns to read in addition to the key
 * @param onFile receives the columns of a file and, for each key found in it, the key's index and the row
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
  for await (const [{ key: fileKey, from, to, rows: size }, bytes] of cache.each(files)) {
    const columns = await readColumns(fileKey, bytes, schema, [...table.key, ...names], { timesAsNumbers: true });
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

/** The current rows with these keys; undefined for each key that the table lacks. See {@link matchRows}. */
export async function findRows(draft: TableDraft, keys: KeyColumns, length: number): Promise<(RowCopy | undefined)[]> {
  const current = Array.from<RowCopy | undefined>({ length });
  await matchRows(draft, keys, length, orderColumns, (columns, found) => {
    const copies = rowCopies(columns);
    for (const [key, row] of found) current[key] = copies.at(row);
  });
  return current;
}
