/**
 * Every row of the simulated workspace depends only on a seed and on its position: the same seed gives the same rows.
 */

/** Scrambles a number with the finaliser of MurmurHash3: a bijection on 32-bit integers. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex8(word: number): string {
  return `${hexBytes[word >>> 24]}${hexBytes[(word >>> 16) & 255]}${hexBytes[(word >>> 8) & 255]}${hexBytes[word & 255]}`;
}

/** Hashes the name of a table, or of any other random data, to a 32-bit number. */
export function kindOf(name: string): number {
  let h = 0;
  for (let index = 0; index < name.length; index += 1) h = mix(h ^ Math.imul(name.charCodeAt(index), 0x9e3779b1));
  return h;
}

export class Seed {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = mix(seed ^ 0x51ed270b);
  }

  /** 32 random bits for a row. {@link draw} derives the value of each field from them. */
  bits(kind: number, parent: number, position: number): number {
    return mix(mix(mix(this.#seed ^ kind) ^ parent) ^ Math.imul(position, 0x9e3779b1));
  }

  /** UUID of a row, unique over all tables. Only the low 32 bits of `parent` and `position` count. */
  id(kind: number, parent: number, position: number): string {
    const low = mix(position ^ kind ^ this.#seed);
    const high = mix(parent ^ low ^ this.#seed);
    const check = mix(high ^ Math.imul(low, 0x9e3779b1) ^ kind);
    const above = hex8(high);
    const more = hex8(mix(check + 1));
    return `${hex8(check)}-${above.slice(0, 4)}-4${more.slice(0, 3)}-8${more.slice(3, 6)}-${above.slice(4)}${hex8(low)}`;
  }
}

/** 32 bits for one field of a row, from the row's bits and the number of the field. */
export function draw(bits: number, field: number): number {
  return mix(bits + Math.imul(field, 0x9e3779b1));
}

/** {@link draw} as a fraction: at least 0, below 1. */
export function fraction(bits: number, field: number): number {
  return draw(bits, field) / 0x1_0000_0000;
}

export function pick<T>(values: readonly T[], bits: number, field: number, shift = 0): T {
  const value = values[(draw(bits, field) + shift) % values.length];
  if (value === undefined) throw new RangeError('There is nothing to pick from.');
  return value;
}
