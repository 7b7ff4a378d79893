import type { MinMaxType } from 'hyparquet/src/types.js';
import type { ColumnValue } from '../../../contract/column-types.ts';
import { IntList } from './int-list.ts';

/** A text as a range of UTF-8 bytes, so that it is copied once, from the line to the page. */
export class Span {
  readonly bytes: Buffer;
  from = 0;
  to = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

export type Text = string | Span;

/**
 * The value of a cell, as its column has it or in a form that takes less work. A time can be a number (milliseconds)
 * or a bigint (in the unit of the file's column).
 */
export type CellValue = ColumnValue | Span | readonly Text[];

/** After this many values of a column, it is decided whether they repeat often enough to be worth comparing. */
const sampleSize = 1_000;

/**
 * The values of one column, each with a number. Equal values are stored once and share their number. A column whose
 * first values nearly all differ is no longer searched for equal ones.
 */
export abstract class Values {
  /** How many values and nulls were added. */
  slots = 0;
  nulls = 0;
  readonly #numbers = new IntList();
  protected isCompared = true;

  /** For each slot of the column, in the order of the rows: the number of its value, or -1 for null. */
  get numbers(): Int32Array {
    return this.#numbers.all;
  }

  /** How many values are stored. Their numbers are 0 to `count` - 1. */
  abstract get count(): number;

  /** Bytes of the stored values in the encoding PLAIN. */
  abstract get storedBytes(): number;

  /** Bytes of the values of all slots in the encoding PLAIN. */
  abstract get plainBytes(): number;

  /** The stored values in the encoding PLAIN, in the order of their numbers. */
  abstract get stored(): Uint8Array;

  /** The values of a range of slots in the encoding PLAIN. @param numbers of those slots, without nulls */
  abstract plain(numbers: Int32Array): Uint8Array;

  /** Bytes of a stored value in the encoding PLAIN. */
  abstract sizeOf(number: number): number;

  /** The least and the greatest value; undefined if all are null. */
  abstract bounds(): { readonly min_value: MinMaxType; readonly max_value: MinMaxType } | undefined;

  abstract valueOf(number: number): Exclude<ColumnValue, null>;

  /** Stores a value, unless it is known. @returns its number @throws TypeError if it has another type */
  protected abstract store(value: Exclude<CellValue, null>): number;

  /** True if each value is stored by itself: the stored values are those of the column, in its order. */
  protected get areAllStored(): boolean {
    return this.count === this.slots - this.nulls;
  }

  /** Frees the memory at once, before the garbage collector would. The values cannot be used after that. */
  free(): void {
    this.#numbers.free();
  }

  add(value: CellValue): void {
    this.slots += 1;
    if (value === null) {
      this.#numbers.push(-1);
      this.nulls += 1;
      return;
    }
    this.#numbers.push(this.store(value));
    if (this.slots - this.nulls === sampleSize) this.isCompared = this.count <= 0.9 * sampleSize;
  }
}
