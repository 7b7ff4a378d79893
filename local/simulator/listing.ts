import { draw, kindOf } from './data/seed.ts';
import type { Row } from './data/table.ts';
import { instantOf } from './instant.ts';
import type { StoredRow } from './stored-table.ts';

export const orders = ['created', 'newest', 'changed', 'arbitrary'] as const;

/**
 * The order of a list's rows.
 * `created`: oldest first. `newest`: newest first. `changed`: by `updated_at`, so a row that changes moves to the end.
 * `arbitrary`: random, and a row that changes moves anywhere.
 */
export type Order = (typeof orders)[number];

/**
 * The order of a table's list.
 * @param order `usual`: leads by change, other tables by creation
 */
export function orderOf(table: string, order: Order | 'usual'): Order {
  if (order !== 'usual') return order;
  return table === 'leads' ? 'changed' : 'created';
}

export interface Listed {
  readonly row: Row;
  /** Sort key in the list: by the first number, then by the second. */
  readonly place: readonly [number, number];
  readonly updated: number | undefined;
  readonly created: number | undefined;
  /** Time at which the shown state of the row was written, in milliseconds since 1970. */
  readonly written: number;
}

/** The rows below a parent as the API shows them at a moment, sorted. */
export function sortedRows(stored: Iterable<StoredRow>, parent: string, order: Order, at: number): Listed[] {
  const rows: Listed[] = [];
  for (const one of stored) {
    const shown = one.shown(at);
    if (!shown || shown.parent !== parent) continue;
    const { row, writtenAt } = shown;
    const [updated, created] = [instantOf(row['updated_at']), instantOf(row['created_at'])];
    const written = writtenAt === -Infinity ? (updated ?? 0) : writtenAt;
    rows.push({ row, place: [placeOf(one, order, updated), one.createdOrder], updated, created, written });
  }
  return rows.toSorted((a, b) => compare(a.place, b.place));
}

function placeOf({ id, createdOrder, versions }: StoredRow, order: Order, updated: number | undefined): number {
  switch (order) {
    case 'created':
      return createdOrder;
    case 'newest':
      return -createdOrder;
    case 'changed':
      return updated ?? 0;
    default:
      return draw(kindOf(id), versions.length);
  }
}

export function compare(a: readonly [number, number], b: readonly [number, number]): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** Bounds of the time filters, in milliseconds since 1970, all inclusive. */
export interface TimeFilter {
  readonly updatedFrom: number;
  readonly updatedTo: number;
  readonly createdFrom: number;
  readonly createdTo: number;
}

/**
 * Whether a row passes the filter. As in SQL, a row without a time fails every filter on that time.
 * @param by `written`: the filter uses the API's own time of the last change, whatever the row shows
 * @param unit resolution of the filter, in milliseconds
 */
export function passes(
  { updated, created, written }: Listed,
  filter: TimeFilter,
  by: 'shown' | 'written',
  unit: number,
): boolean {
  return (
    isWithin(by === 'written' ? written : updated, filter.updatedFrom, filter.updatedTo, unit) &&
    isWithin(created, filter.createdFrom, filter.createdTo, unit)
  );
}

function isWithin(time: number | undefined, from: number, to: number, unit: number): boolean {
  if (from === -Infinity && to === Infinity) return true;
  if (time === undefined) return false;
  const coarse = Math.floor(time / unit) * unit;
  return coarse >= from && coarse <= to;
}
