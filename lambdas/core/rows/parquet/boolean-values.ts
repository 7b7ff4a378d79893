import { type CellValue, Values } from './values.ts';

/** Booleans: false has the number 0, true the number 1. In PLAIN each takes a bit. */
export class BooleanValues extends Values {
  readonly count = 2;

  get storedBytes(): number {
    return 1;
  }

  get plainBytes(): number {
    return (this.slots - this.nulls) / 8;
  }

  get stored(): Uint8Array {
    return this.plain(Int32Array.of(0, 1));
  }

  sizeOf(): number {
    return 1 / 8;
  }

  plain(numbers: Int32Array): Uint8Array {
    const bits = new Uint8Array(Math.ceil(numbers.length / 8));
    for (const [at, number] of numbers.entries()) bits[at >> 3] = (bits[at >> 3] ?? 0) | (number << (at & 7));
    return bits;
  }

  bounds(): { min_value: boolean; max_value: boolean } | undefined {
    const { numbers } = this;
    const [hasFalse, hasTrue] = [numbers.includes(0), numbers.includes(1)];
    return hasFalse || hasTrue ? { min_value: !hasFalse, max_value: hasTrue } : undefined;
  }

  valueOf(number: number): boolean {
    return number === 1;
  }

  protected store(value: Exclude<CellValue, null>): number {
    if (typeof value !== 'boolean') throw new TypeError('A column of booleans was given something else.');
    return Number(value);
  }
}
