import type { ColumnValue } from '../../../contract/column-types.ts';
import type { Table } from '../../../contract/stream.ts';
import type { ParsedRow } from '../rows.ts';
import { parquetSchema } from './schema.ts';
import { columnCheck, encode } from './write.ts';

/**
 * A value for the Parquet writer: a column's value, either as it is or already converted (a text to UTF-8, a time to
 * milliseconds since 1970).
 */
export type CellValue = ColumnValue | Uint8Array | readonly Uint8Array[];

/** Collects the rows of a table by column, as a Parquet file has them. */
export class TableColumns {
  readonly table: Table;
  readonly names: readonly string[];
  readonly #checks: readonly ((value: ColumnValue) => ColumnValue)[];
  readonly #values: CellValue[][];

  constructor(table: Table) {
    this.table = table;
    this.names = Object.keys(table.columns);
    this.#checks = Object.entries(table.columns).map(([name, { type }]) => columnCheck(table, name, type));
    this.#values = this.names.map(() => []);
  }

  get rows(): number {
    return this.#values[0]?.length ?? 0;
  }

  /** @throws ColumnValueError if a value does not have its column's type */
  add(row: ParsedRow): void {
    this.addCells(this.#checks.map((check, at) => check(row[this.names[at] ?? ''] ?? null)));
  }

  /** Adds a row whose values are known to have the types of their columns. @param cells in the order of the columns */
  addCells(cells: readonly CellValue[]): void {
    for (let at = 0; at < cells.length; at += 1) this.#values[at]?.push(cells[at] ?? null);
  }

  /** Replaces each value of a column, except nulls, with the result of `change`. */
  change(name: string, change: (value: Exclude<ColumnValue, null>) => ColumnValue): void {
    const values = this.#values[this.names.indexOf(name)] ?? [];
    for (const [at, value] of values.entries()) if (value !== null) values[at] = change(columnValue(value));
  }

  /** The rows as a Parquet file; null if there are none. */
  toParquet(): Uint8Array | null {
    if (this.rows === 0) return null;
    const columns = this.names.map((name, at) => ({ name, data: this.#values[at] ?? [] }));
    return encode(parquetSchema(this.table), columns);
  }
}

function columnValue(value: Exclude<CellValue, null>): Exclude<ColumnValue, null> {
  if (value instanceof Uint8Array) return textOf(value);
  return isList(value) ? value.map((one) => (typeof one === 'string' ? one : textOf(one))) : value;
}

function isList(value: unknown): value is readonly (string | Uint8Array)[] {
  return Array.isArray(value);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
