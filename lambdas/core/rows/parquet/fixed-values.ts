import type { SchemaElement } from 'hyparquet';
import type { ColumnValue } from '../../../contract/column-types.ts';
import { type CellValue, Values } from './values.ts';

const bytesEach = 8;
const twoTo32 = 2 ** 32;

type Fixed = number | bigint;

/** Values of 8 bytes: integers, numbers and times. A time in milliseconds is a number, in microseconds a bigint. */
export class FixedValues extends Values {
  readonly #element: SchemaElement;
  readonly #values: Fixed[] = [];
  readonly #numbers = new Map<Fixed, number>();
  #last = 0;

  constructor(element: SchemaElement) {
    super();
    this.#element = element;
  }

  get count(): number {
    return this.#values.length;
  }

  get storedBytes(): number {
    return bytesEach * this.count;
  }

  get plainBytes(): number {
    return bytesEach * (this.numbers.length - this.nulls);
  }

  get stored(): Uint8Array {
    return this.#bytesOf(this.#values);
  }

  sizeOf(): number {
    return bytesEach;
  }

  plain(numbers: readonly number[]): Uint8Array {
    if (numbers.length === this.count && this.areAllStored) return this.stored;
    return this.#bytesOf(numbers.map((number) => this.#values[number] ?? 0));
  }

  bounds(): { min_value: Fixed; max_value: Fixed } | undefined {
    const [first] = this.#values;
    if (first === undefined) return undefined;
    let [least, greatest] = [first, first];
    for (const value of this.#values) {
      if (value < least) least = value;
      if (value > greatest) greatest = value;
    }
    if (this.#element.type === 'INT64') return { min_value: BigInt(least), max_value: BigInt(greatest) };
    // 0 and -0 are equal, so the format wants bounds that include both.
    return { min_value: least === 0 ? -0 : least, max_value: greatest === 0 ? 0 : greatest };
  }

  valueOf(number: number): Exclude<ColumnValue, null> {
    const value = this.#values[number] ?? 0;
    return this.#element.converted_type === 'TIMESTAMP_MILLIS' ? new Date(Number(value)) : value;
  }

  protected store(given: Exclude<CellValue, null>): number {
    const value = given instanceof Date ? given.getTime() : given;
    if (typeof value !== 'number' && typeof value !== 'bigint')
      throw new TypeError('A column of numbers or times was given something else.');
    // In many columns the same value comes several times in a row.
    if (Object.is(value, this.#values[this.#last])) return this.#last;
    // A map takes -0 for 0.
    const known = this.isCompared && !Object.is(value, -0) ? this.#numbers.get(value) : undefined;
    if (known !== undefined) return (this.#last = known);
    this.#last = this.#values.push(value) - 1;
    if (this.isCompared && !Object.is(value, -0)) this.#numbers.set(value, this.#last);
    return this.#last;
  }

  #bytesOf(values: readonly Fixed[]): Uint8Array {
    const bytes = new DataView(new ArrayBuffer(bytesEach * values.length));
    const isDouble = this.#element.type === 'DOUBLE';
    let at = 0;
    for (const value of values) {
      if (typeof value === 'bigint') bytes.setBigInt64(at, value, true);
      else if (isDouble) bytes.setFloat64(at, value, true);
      else {
        bytes.setUint32(at, value, true);
        bytes.setInt32(at + 4, Math.floor(value / twoTo32), true);
      }
      at += bytesEach;
    }
    return new Uint8Array(bytes.buffer);
  }
}
