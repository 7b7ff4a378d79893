import type { Row } from './data/table.ts';
import { invalid } from './problem.ts';
import type { SimulatorSettings } from './options.ts';

/** An answer's `data`, and for lists its `pagination`. */
export interface Body {
  readonly data: Row | readonly Row[];
  readonly pagination?: { readonly next_cursor: string | null; readonly has_more: boolean };
}

/**
 * Takes one page from the rows that follow a cursor. One row more is looked at, so that the last page says so.
 * @param positionOf what the cursor of the next page is made of: the position of the last row given
 */
export function pageOf<T extends { readonly row: Row }>(
  rows: Iterable<T>,
  size: number,
  path: string,
  positionOf: (last: T) => string,
): Body {
  const data: Row[] = [];
  let last: T | undefined;
  for (const listed of rows) {
    if (last && data.length === size) {
      return { data, pagination: { next_cursor: encodeCursor(path, positionOf(last)), has_more: true } };
    }
    data.push(listed.row);
    last = listed;
  }
  return { data, pagination: { next_cursor: null, has_more: false } };
}

/** @returns the page's size; `limit` counts only where the contract documents it */
export function pageSizeOf(query: URLSearchParams, hasLimit: boolean, settings: SimulatorSettings): number {
  const limit = hasLimit ? query.get('limit') : null;
  if (limit === null) return settings.pageSize;
  if (!/^[0-9]{1,9}$/.test(limit) || Number(limit) < 1) throw invalid('limit must be a whole number from 1 on.');
  return Math.min(Number(limit), settings.maxPageSize);
}

/** A cursor names its list, so that it cannot be used for another one. */
function encodeCursor(path: string, position: string): string {
  return Buffer.from(`${path} ${position}`).toString('base64url');
}

/** @returns the numbers of the position; undefined where the query has no cursor */
export function decodeCursor(path: string, query: URLSearchParams): readonly number[] | undefined {
  const cursor = query.get('cursor');
  if (cursor === null) return undefined;
  const [list, ...position] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const numbers = position.map(Number);
  if (list !== path || numbers.length === 0 || !numbers.every(Number.isSafeInteger))
    throw invalid('cursor is not one that this list has given.');
  return numbers;
}
