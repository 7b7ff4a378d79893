import { readColumns } from '../iceberg/data-file.ts';
import { orderColumns, rowCopies } from './copy-batch.ts';
import { compareRows, type KeyColumns, keyColumns } from './keys.ts';
import type { RowCopy } from './merge-copies.ts';
import { routeKeys } from './rewrite-files.ts';
import type { TableDraft } from './table-draft.ts';

/**
 * The current rows with these keys, undefined for a key that the table lacks. Only files that can hold one are read.
 * @param keys sorted, each once
 */
export async function findRows(draft: TableDraft, keys: KeyColumns, length: number): Promise<(RowCopy | undefined)[]> {
  const { slots, schema, table, cache } = draft;
  const found = Array.from<RowCopy | undefined>({ length });
  for (const [at, { from, to }] of routeKeys(slots, keys, length).entries()) {
    const slot = slots[at];
    if (!slot || from === to) continue;
    const columns = await readColumns(await cache.get(slot.file.key), schema, [...table.key, ...orderColumns]);
    const rows = keyColumns(columns, table.key);
    const copies = rowCopies(columns);
    let row = 0;
    for (let key = from; key < to; key += 1) {
      while (row < slot.file.rows && compareRows(rows, row, keys, key) < 0) row += 1;
      if (row < slot.file.rows && compareRows(rows, row, keys, key) === 0) found[key] = copies.at(row);
    }
  }
  return found;
}
