import { type CellValue, Values } from './values.ts';
import { IntList } from './int-list.ts';

export const millisecondsOfDay = 86_400_000;
const bytesEach = 4;

/** Days of the calendar. A file has them as the number of days since 1 January 1970. */
export class DayValues extends Values {
  readonly #days = new IntList();
  readonly #numbers = new Map<number, number>();

  get count(): number {
    return this.#days.length;
  }

  get storedBytes(): number {
    return bytesEach * this.count;
  }

  get plainBytes(): number {
    return bytesEach * (this.slots - this.nulls);
  }

  get stored(): Uint8Array {
    return new Uint8Array(this.#days.all.slice().buffer);
  }

  sizeOf(): number {
    return bytesEach;
  }

  plain(numbers: Int32Array): Uint8Array {
    return new Uint8Array(numbers.map((number) => this.#days.at(number)).buffer);
  }

  bounds(): { min_value: number; max_value: number } | undefined {
    const days = this.#days.all;
    if (days.length === 0) return undefined;
    return {
      min_value: days.reduce((one, other) => Math.min(one, other)),
      max_value: days.reduce((one, other) => Math.max(one, other)),
    };
  }

  valueOf(number: number): Date {
    return new Date(this.#days.at(number) * millisecondsOfDay);
  }

  protected store(value: Exclude<CellValue, null>): number {
    if (!(value instanceof Date)) throw new TypeError('A column of days was given something else.');
    const day = daysSince1970(value);
    const known = this.#numbers.get(day);
    if (known !== undefined) return known;
    this.#days.push(day);
    this.#numbers.set(day, this.count - 1);
    return this.count - 1;
  }
}

export function daysSince1970(day: Date): number {
  return Math.floor(day.getTime() / millisecondsOfDay);
}
