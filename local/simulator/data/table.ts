import { Calendar } from './calendar.ts';
import { draw, fraction, kindOf, Seed } from './seed.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json | undefined };

/** A resource as the API gives it. `undefined` stands for a field that is left out. */
export type Row = Readonly<Record<string, Json | undefined>>;

/** An id as the API gives it. */
export type Id = string | number;

/** Where a row stands that the seed makes. */
export interface Place {
  /** Number of the parent; 0 for tables without one. */
  readonly above: number;
  /** Rows below a parent are counted from 0. */
  readonly position: number;
  /** The parent as it was made; undefined for tables without one. */
  readonly parent: Row | undefined;
}

/** How the rows of a table are made. */
export interface TableSpec {
  /** As the stream registry names it. */
  readonly name: string;
  /** Name of the parent's table. */
  readonly parent?: string;
  /** Rows below a parent before the first epoch. */
  size(above: number): number;
  /** @param bits 32 random bits of the row, for {@link draw} */
  row(place: Place, bits: number, id: Id): Row;
}

export interface GroundOptions {
  readonly seed: number;
  /** Leads before the first epoch. */
  readonly leads: number;
  /** The first epoch. */
  readonly first: Date | undefined;
  readonly numericIds: boolean;
  readonly importErrorsPerRow: number;
}

/** What all tables are made of. */
export class Ground {
  readonly seed: Seed;
  readonly calendar: Calendar;
  readonly leads: number;
  readonly importErrorsPerRow: number;
  readonly #numericIds: boolean;

  constructor(options: GroundOptions) {
    this.seed = new Seed(options.seed);
    this.calendar = new Calendar(options.first);
    this.leads = options.leads;
    this.importErrorsPerRow = options.importErrorsPerRow;
    this.#numericIds = options.numericIds;
  }

  bits(table: string, above: number, position: number): number {
    return this.seed.bits(kindOf(table), above, position);
  }

  id(table: string, above: number, position: number): Id {
    const id = this.seed.id(kindOf(table), above, position);
    return this.#numericIds ? Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) : id;
  }

  /** A time in a part of the past, as a row's bits choose it. */
  within(from: number, to: number, bits: number, field: number): number {
    return this.calendar.past(from + fraction(bits, field) * (to - from));
  }
}

/** The most rows below one parent if those rows are parents themselves. */
const numbersPerParent = 4_096;

/** The number by which a row is known as a parent. */
export function numberOf(isBelow: boolean, above: number, position: number): number {
  return isBelow ? above * numbersPerParent + position : position;
}

/** `leads` over `per`, within bounds: how the smaller tables grow with the workspace. */
export function scaled(leads: number, per: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.ceil(leads / per)));
}

/** A whole number from `least` to `most`. */
export function between(least: number, most: number, bits: number, field: number): number {
  return least + (draw(bits, field) % (most - least + 1));
}

/** A time of a row that the seed made, in milliseconds. */
export function timeOf(row: Row | undefined, field: 'created_at' | 'updated_at'): number {
  return Date.parse(String(row?.[field]));
}
