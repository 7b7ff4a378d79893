import { Calendar } from './calendar.ts';
import { Rota } from './rota.ts';
import { draw, kindOf, type Place, Seed } from './seed.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [field: string]: Json | undefined };

/** A resource as the API gives it. `undefined` stands for a field that is left out. */
export type Row = Readonly<Record<string, Json | undefined>>;

/**
 * One table of the workspace, computed. Rows below a parent are numbered from 0 in order of creation;
 * later epochs only add to the end, so a position names the same row for ever.
 */
export interface ComputedTable {
  /** As the stream registry names it. */
  readonly name: string;
  /** Name of the parent's table. */
  readonly parent?: string;
  /** @param parent handle of the parent row; 0 for tables without one */
  size(parent: number): number;
  row(parent: number, position: number): Row;
  /** The number by which a row is known as a parent. */
  handle(parent: number, position: number): number;
  /** Undefined where rows of this table have no id. */
  id?(parent: number, position: number): string;
  place?(id: string): Place | undefined;
}

/** What all tables are made of. */
export class Ground {
  readonly seed: Seed;
  readonly calendar: Calendar;
  /** Leads before any epoch. */
  readonly leads: number;

  constructor(seed: number, leads: number, epochs: readonly Date[]) {
    this.seed = new Seed(seed);
    this.calendar = new Calendar(epochs);
    this.leads = leads;
  }

  /** @param added new rows at each epoch */
  rota(name: string, plan: { base: number; share?: number; minimum?: number; added?: number }): Rota {
    const kind = kindOf(`${name}/rota`);
    return new Rota({
      base: plan.base,
      share: plan.share ?? 0,
      minimum: plan.minimum ?? 0,
      added: plan.added ?? 0,
      epochs: this.calendar.epochs.length,
      bits: (epoch) => this.seed.bits(kind, 0, epoch),
    });
  }
}

/** The most rows below one parent where those rows are parents themselves. */
const handlesPerParent = 4_096;

interface TableSpec {
  readonly name: string;
  readonly parent?: string;
  size(parent: number): number;
  /** @param bits 32 random bits of the row, for {@link draw} */
  fields(place: Place, bits: number, id: string): Row;
}

/** A table whose rows have ids. */
export type IdTable = Required<Pick<ComputedTable, 'id' | 'place'>> & ComputedTable;

export function idTable(ground: Ground, { name, parent, size, fields }: TableSpec): IdTable {
  const kind = kindOf(name);
  const { seed } = ground;
  return {
    name,
    ...(parent === undefined ? {} : { parent }),
    size,
    row: (above, position) =>
      fields({ parent: above, position }, seed.bits(kind, above, position), seed.id(kind, above, position)),
    handle: (above, position) => (parent === undefined ? position : above * handlesPerParent + position),
    id: (above, position) => seed.id(kind, above, position),
    place: (id) => seed.place(kind, id),
  };
}

/** The place that a handle of a second-level table stands for. */
export function placeOfHandle(handle: number): Place {
  return { parent: Math.floor(handle / handlesPerParent), position: handle % handlesPerParent };
}

/** `leads` over `per`, within bounds: how the smaller tables grow with the workspace. */
export function scaled(leads: number, per: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.ceil(leads / per)));
}

/** A whole number from `least` to `most`. */
export function between(least: number, most: number, bits: number, field: number): number {
  return least + (draw(bits, field) % (most - least + 1));
}
