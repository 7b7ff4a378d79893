import type { SchemaElement } from 'hyparquet';
import type { ColumnValue } from '../../../contract/column-types.ts';
import type { Table } from '../../../contract/stream.ts';
import type { ParsedRow } from '../rows.ts';
import { columnsOf, type ParquetColumn } from './columns.ts';
import { parquetSchema } from './schema.ts';
import type { CellValue } from './values.ts';
import { columnCheck, ParquetFile } from './write.ts';

/** Collects the rows of a table by column, as a Parquet file has them. */
export class TableColumns {
  readonly table: Table;
  readonly names: readonly string[];
  readonly #schema: SchemaElement[];
  readonly #checks: readonly ((value: ColumnValue) => ColumnValue)[];
  readonly #columns: ParquetColumn[];

  constructor(table: Table) {
    this.table = table;
    this.names = Object.keys(table.columns);
    this.#schema = parquetSchema(table);
    this.#checks = Object.entries(table.columns).map(([name, { type }]) => columnCheck(table, name, type));
    this.#columns = columnsOf(this.#schema);
  }

  get rows(): number {
    return this.#columns[0]?.rows ?? 0;
  }

  /** @throws ColumnValueError if a value does not have its column's type */
  add(row: ParsedRow): void {
    this.addCells(this.#checks.map((check, at) => check(row[this.names[at] ?? ''] ?? null)));
  }

  /** Adds a row whose values are known to have the types of their columns. @param cells in the order of the columns */
  addCells(cells: readonly CellValue[]): void {
    for (let at = 0; at < cells.length; at += 1) this.#columns[at]?.add(cells[at] ?? null);
  }

  /** Replaces each value of a column, except nulls, with the result of `change`. */
  change(name: string, change: (value: Exclude<ColumnValue, null>) => ColumnValue): void {
    const at = this.names.indexOf(name);
    const [before, after] = [this.#columns[at], columnsOf(this.#schema)[at]];
    if (!before || !after) return;
    for (let row = 0; row < this.rows; row += 1) {
      const value = before.valueAt(row);
      after.add(value === null ? null : change(value));
    }
    this.#columns[at] = after;
  }

  /** The rows as a Parquet file; null if there are none. */
  toParquet(): Uint8Array | null {
    if (this.rows === 0) return null;
    const file = new ParquetFile(this.#schema);
    file.addRowGroup(this.#columns);
    return file.finish();
  }
}
