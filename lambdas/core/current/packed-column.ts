import type { ColumnValue } from '../../contract/column-types.ts';
import type { RowColumns } from '../iceberg/data-file.ts';
import { IntList } from '../rows/parquet/int-list.ts';

/** Gives the value of a row by its index. */
export type ColumnReader = (row: number) => ColumnValue;

/**
 * Keeps the texts of a column as UTF-8 outside of the heap, and makes a string of a text only when it is read. A merge of
 * 100,000 leads peaks at 205 MiB instead of 234 with it and with data files that are written one after the other.
 */
export class PackedColumn {
  #bytes = Buffer.from(new ArrayBuffer(4_096));
  #size = 0;
  /** For each value: where its text ends. The number is inverted if the value is null. */
  readonly #ends = new IntList();

  /**
   * Adds the values of some rows.
   * @param values from a Parquet file, whose texts are valid UTF-8. Values of another type are kept as they are
   * @returns the reader of these rows
   */
  add(values: readonly ColumnValue[]): ColumnReader {
    if (!values.every((value) => value === null || typeof value === 'string')) return readerOf(values);
    const [first, start, count] = [this.#ends.length, this.#size, values.length];
    for (const value of values) {
      this.#size += Buffer.byteLength(value ?? '');
      this.#ends.push(value === null ? ~this.#size : this.#size);
    }
    if (this.#size > this.#bytes.length)
      // `transfer` frees the former memory at once.
      this.#bytes = Buffer.from(this.#bytes.buffer.transfer(Math.max(this.#size, 2 * this.#bytes.length)));
    this.#bytes.write(values.map((value) => value ?? '').join(''), start);
    return (row) => (row < count ? this.#valueAt(first + row) : null);
  }

  /** Frees the memory at once, before the garbage collector would. The readers cannot be used after that. */
  free(): void {
    this.#bytes.buffer.transfer(0);
    this.#ends.free();
  }

  #valueAt(place: number): string | null {
    const end = this.#ends.at(place);
    if (end < 0) return null;
    const start = place === 0 ? 0 : this.#ends.at(place - 1);
    return this.#bytes.toString('utf8', start < 0 ? ~start : start, end);
  }
}

/** Readers of columns that stay as they are. */
export function readersOf(columns: RowColumns): Record<string, ColumnReader> {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, readerOf(values)]));
}

function readerOf(values: readonly ColumnValue[]): ColumnReader {
  return (row) => values[row] ?? null;
}
