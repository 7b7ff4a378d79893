import type { ColumnValue } from '../../contract/column-types.ts';
import type { Table } from '../../contract/stream.ts';
import type { RowColumns } from '../iceberg/data-file.ts';
import type { ParsedRow } from '../rows/rows.ts';

/** Changes rows of a table. Returns the same row, a changed row with the same key, or undefined to remove the row. */
export type RowChange = (table: Table) => (row: ParsedRow) => ParsedRow | undefined;

export interface ChangedRows {
  readonly columns: Record<string, ColumnValue[]>;
  readonly rows: number;
  readonly removed: number;
  readonly changed: number;
}

/** Applies a change to rows that are given as columns. @returns undefined if no row changed */
export function changeRows(
  columns: RowColumns,
  change: (row: ParsedRow) => ParsedRow | undefined,
): ChangedRows | undefined {
  const names = Object.keys(columns);
  const length = columns[names[0] ?? '']?.length ?? 0;
  const kept: Record<string, ColumnValue[]> = Object.fromEntries(names.map((name) => [name, []]));
  let [removed, changed] = [0, 0];
  for (let at = 0; at < length; at += 1) {
    const row = Object.fromEntries(names.map((name) => [name, columns[name]?.[at] ?? null]));
    const after = change(row);
    if (!after) removed += 1;
    else if (after !== row) changed += 1;
    if (after) for (const name of names) kept[name]?.push(after[name] ?? null);
  }
  return removed + changed === 0 ? undefined : { columns: kept, rows: length - removed, removed, changed };
}
