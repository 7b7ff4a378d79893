import type { SchemaElement } from 'hyparquet';
import type { ColumnValue } from '../../../contract/column-types.ts';
import { type CellValue, Values } from './values.ts';

const bytesEach = 8;
const twoTo32 = 2 ** 32;

type Fixed = number | bigint;

/** Values of 8 bytes: integers, numbers and times. A time in milliseconds is a number, in microseconds a bigint. */
export class FixedValues extends Values {
  count = 0;
  readonly #element: SchemaElement;
  /** The stored values, in the encoding PLAIN. */
  #bytes = new DataView(new ArrayBuffer(512));
  readonly #numbers = new Map<Fixed, number>();
  #last: Fixed | undefined;
  #lastNumber = 0;
  #least: Fixed | undefined;
  #greatest: Fixed | undefined;

  constructor(element: SchemaElement) {
    super();
    this.#element = element;
  }

  get storedBytes(): number {
    return bytesEach * this.count;
  }

  get plainBytes(): number {
    return bytesEach * (this.slots - this.nulls);
  }

  get stored(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, 0, this.storedBytes);
  }

  sizeOf(): number {
    return bytesEach;
  }

  plain(numbers: Int32Array): Uint8Array {
    if (numbers.length === this.count && this.areAllStored) return this.stored;
    const halves = new Int32Array(this.#bytes.buffer);
    const plain = new Int32Array(2 * numbers.length);
    for (let at = 0; at < numbers.length; at += 1) {
      const number = numbers[at] ?? 0;
      plain[2 * at] = halves[2 * number] ?? 0;
      plain[2 * at + 1] = halves[2 * number + 1] ?? 0;
    }
    return new Uint8Array(plain.buffer);
  }

  bounds(): { min_value: Fixed; max_value: Fixed } | undefined {
    const [least, greatest] = [this.#least, this.#greatest];
    if (least === undefined || greatest === undefined) return undefined;
    if (this.#element.type === 'INT64') return { min_value: BigInt(least), max_value: BigInt(greatest) };
    // 0 and -0 are equal, so the format wants bounds that include both.
    return { min_value: least === 0 ? -0 : least, max_value: greatest === 0 ? 0 : greatest };
  }

  override free(): void {
    super.free();
    this.#bytes.buffer.transfer(0);
  }

  valueOf(number: number): Exclude<ColumnValue, null> {
    if (this.#element.type === 'DOUBLE') return this.#bytes.getFloat64(bytesEach * number, true);
    const value = this.#bytes.getBigInt64(bytesEach * number, true);
    return this.#element.converted_type === 'TIMESTAMP_MILLIS' ? new Date(Number(value)) : value;
  }

  protected store(given: Exclude<CellValue, null>): number {
    const value = given instanceof Date ? given.getTime() : given;
    if (typeof value !== 'number' && typeof value !== 'bigint')
      throw new TypeError('A column of numbers or times was given something else.');
    // In many columns the same value comes several times in a row.
    if (Object.is(value, this.#last)) return this.#lastNumber;
    this.#last = value;
    this.#lastNumber = this.isCompared ? this.#share(value) : this.#keep(value);
    return this.#lastNumber;
  }

  #share(value: Fixed): number {
    // A map takes -0 for 0.
    if (Object.is(value, -0)) return this.#keep(value);
    const number = this.#numbers.get(value) ?? this.#keep(value);
    this.#numbers.set(value, number);
    return number;
  }

  #keep(value: Fixed): number {
    const at = this.storedBytes;
    if (at === this.#bytes.byteLength) this.#bytes = new DataView(this.#bytes.buffer.transfer(2 * at));
    if (typeof value === 'bigint') this.#bytes.setBigInt64(at, value, true);
    else if (this.#element.type === 'DOUBLE') this.#bytes.setFloat64(at, value, true);
    else {
      this.#bytes.setUint32(at, value, true);
      this.#bytes.setInt32(at + 4, Math.floor(value / twoTo32), true);
    }
    if (this.#least === undefined || value < this.#least) this.#least = value;
    if (this.#greatest === undefined || value > this.#greatest) this.#greatest = value;
    this.count += 1;
    return this.count - 1;
  }
}
