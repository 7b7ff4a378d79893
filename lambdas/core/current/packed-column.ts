import type { ColumnValue } from '../../contract/column-types.ts';
import type { RowColumns } from '../iceberg/data-file.ts';

/** Gives the value of a row by its index. */
export type ColumnReader = (row: number) => ColumnValue;

/**
 * Keeps the texts of a column as UTF-8 outside of the heap, and makes a string of a text only when it is read. A merge of
 * 100,000 leads peaks at 205 MiB instead of 234 with it and with data files that are written one after the other.
 * @param values from a Parquet file, whose texts are valid UTF-8. Columns of another type are kept as they are
 */
export function packColumn(values: readonly ColumnValue[]): ColumnReader {
  if (!values.every((value) => value === null || typeof value === 'string')) return readerOf(values);
  const bytes = Buffer.from(values.map((value) => value ?? '').join(''));
  const starts = new Uint32Array(values.length + 1);
  const isNull = Uint8Array.from(values, (value) => Number(value === null));
  for (const [at, value] of values.entries()) starts[at + 1] = (starts[at] ?? 0) + Buffer.byteLength(value ?? '');
  return (row) => (isNull[row] === 0 ? bytes.toString('utf8', starts[row], starts[row + 1]) : null);
}

/** Readers of columns that stay as they are. */
export function readersOf(columns: RowColumns): Record<string, ColumnReader> {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, readerOf(values)]));
}

function readerOf(values: readonly ColumnValue[]): ColumnReader {
  return (row) => values[row] ?? null;
}
