import { Calendar } from './calendar.ts';
import { draw, fraction, kindOf, Seed } from './seed.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json | undefined };

/** A resource as the API gives it. A field that is `undefined` is left out. */
export type Row = Readonly<Record<string, Json | undefined>>;

/** An id as the API gives it. */
export type Id = string | number;

/** Position of a row that is generated from the seed. */
export interface Place {
  /** Number of the parent row, or 0 if the table has no parent. */
  readonly parentNumber: number;
  /** Position among the rows of the same parent, from 0. */
  readonly position: number;
  /** The parent row before any change, or undefined if the table has no parent. */
  readonly parent: Row | undefined;
}

/** How the rows of a table are made. */
export interface TableSpec {
  /** Name in the stream registry. */
  readonly name: string;
  /** Name of the parent table. */
  readonly parent?: string;
  /** Number of rows below one parent before the first run. */
  size(parentNumber: number): number;
  /** Makes a row. @param bits 32 random bits of the row, for {@link draw} */
  row(place: Place, bits: number, id: Id): Row;
}

export interface SeedDataOptions {
  readonly seed: number;
  /** Number of leads before the first run. */
  readonly leads: number;
  /** Start of the first run. */
  readonly first: Date | undefined;
  readonly numericIds: boolean;
  readonly importErrorsPerRow: number;
}

/** The seed, the calendar and the sizes from which all tables are made. */
export class SeedData {
  readonly seed: Seed;
  readonly calendar: Calendar;
  readonly leads: number;
  readonly importErrorsPerRow: number;
  readonly #numericIds: boolean;

  constructor(options: SeedDataOptions) {
    this.seed = new Seed(options.seed);
    this.calendar = new Calendar(options.first);
    this.leads = options.leads;
    this.importErrorsPerRow = options.importErrorsPerRow;
    this.#numericIds = options.numericIds;
  }

  bits(table: string, parentNumber: number, position: number): number {
    return this.seed.bits(kindOf(table), parentNumber, position);
  }

  id(table: string, parentNumber: number, position: number): Id {
    const id = this.seed.id(kindOf(table), parentNumber, position);
    return this.#numericIds ? Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) : id;
  }

  /** A time before the first run, between two shares (0 to 1) of the workspace's history, chosen by the row's bits. */
  within(from: number, to: number, bits: number, field: number): number {
    return this.calendar.past(from + fraction(bits, field) * (to - from));
  }
}

/** The maximum number of rows of one parent if those rows are parents themselves. */
const numbersPerParent = 4_096;

/** The number that identifies a row as a parent of other rows. @param isBelow whether the row has a parent itself */
export function parentNumberOf(isBelow: boolean, parentNumber: number, position: number): number {
  return isBelow ? parentNumber * numbersPerParent + position : position;
}

/** `leads / per`, rounded up and kept between `least` and `most`: how the smaller tables grow with the workspace. */
export function scaled(leads: number, per: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.ceil(leads / per)));
}

/** An integer from `least` to `most`, both included. */
export function between(least: number, most: number, bits: number, field: number): number {
  return least + (draw(bits, field) % (most - least + 1));
}

/** The time in a field of a row, in milliseconds since 1970. */
export function timeOf(row: Row | undefined, field: 'created_at' | 'updated_at'): number {
  return Date.parse(String(row?.[field]));
}
