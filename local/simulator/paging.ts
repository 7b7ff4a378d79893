import type { Row } from './data/table.ts';
import { compare, type Listed } from './listing.ts';
import type { SimulatorSettings } from './options.ts';
import { invalid, Problem } from './problem.ts';

/** Body of an answer. Lists also have `pagination`. */
export interface Body {
  readonly data: Row | readonly Row[];
  readonly pagination?: { readonly next_cursor: string | null; readonly has_more: boolean };
  /** Errors that an API reports with status 200: why `data` is not what was asked for. */
  readonly errors?: readonly Row[];
}

/** @returns the page size; `limit` counts only if the OpenAPI document has that parameter for the list */
export function pageSizeOf(query: URLSearchParams, hasLimit: boolean, settings: SimulatorSettings): number {
  const limit = hasLimit ? query.get('limit') : null;
  if (limit === null) return settings.pageSize;
  if (!/^[0-9]{1,9}$/.test(limit) || Number(limit) < 1) throw invalid('limit must be a whole number from 1 on.');
  return Math.min(Number(limit), settings.maxPageSize);
}

/** Where the next page begins. */
export interface Cursor {
  /** Sort key of the last row shown. The next page starts behind this key, wherever that row is now. */
  readonly after?: readonly [number, number] | undefined;
  /** Number of rows shown so far. */
  readonly offset: number;
  /** Number of empty pages since the last page with rows. */
  readonly empty: number;
  /** When the cursor was issued, in milliseconds since 1970. */
  readonly givenAt: number;
}

/** Writes a cursor as text. The text contains the path of the list, so it cannot be used for another list. */
function encodeCursor(path: string, { after, offset, empty, givenAt }: Cursor): string {
  const numbers = [offset, empty, givenAt, ...(after ?? [])];
  return Buffer.from(`${path} ${numbers.join(' ')}`).toString('base64url');
}

/**
 * Reads the cursor of a query.
 * @returns undefined if the query has no cursor
 * @throws Problem 400 if the cursor is not one of this list; `expiredStatus` if it is too old
 */
export function decodeCursor(
  path: string,
  query: URLSearchParams,
  settings: SimulatorSettings,
  now: number,
): Cursor | undefined {
  const cursor = query.get('cursor');
  if (cursor === null) return undefined;
  const [list, ...position] = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const numbers = position.map(Number);
  const [offset, empty, givenAt, first, second] = numbers;
  if (
    list !== path ||
    offset === undefined ||
    empty === undefined ||
    givenAt === undefined ||
    !numbers.every(Number.isFinite)
  )
    throw invalid('cursor is not one that this list has given.');
  if (now - givenAt > settings.cursorMinutes * 60_000)
    throw new Problem(
      settings.expiredStatus,
      'cursor_expired',
      'The cursor has expired. Read the list from its start.',
    );
  return { offset, empty, givenAt, after: first === undefined || second === undefined ? undefined : [first, second] };
}

export interface PageRequest {
  readonly path: string;
  readonly size: number;
  readonly cursor: Cursor | undefined;
  /** Whether a row passes the filters of the request. */
  readonly isListed: (listed: Listed) => boolean;
  readonly now: number;
}

/** Takes one page from a sorted list. Looks one row ahead, so that the last page has no cursor. */
export function pageOf(
  rows: readonly Listed[],
  { path, size, cursor, isListed, now }: PageRequest,
  { cursors, emptyPages }: SimulatorSettings,
): Body {
  if ((cursor?.empty ?? 0) < emptyPages) {
    const next = { offset: 0, ...cursor, empty: (cursor?.empty ?? 0) + 1, givenAt: now };
    return { data: [], pagination: { next_cursor: encodeCursor(path, next), has_more: true } };
  }
  const { after, offset = 0 } = cursor ?? {};
  const given: Listed[] = [];
  let skipped = 0;
  for (let index = after ? behind(rows, after) : 0; index < rows.length; index += 1) {
    const listed = rows[index];
    if (!listed || !isListed(listed)) continue;
    if (cursors === 'offset' && skipped < offset) {
      skipped += 1;
      continue;
    }
    if (given.length === size) {
      const place = cursors === 'offset' ? undefined : given.at(-1)?.place;
      const next = { offset: offset + size, empty: 0, givenAt: now, after: place };
      return {
        data: given.map(({ row }) => row),
        pagination: { next_cursor: encodeCursor(path, next), has_more: true },
      };
    }
    given.push(listed);
  }
  return { data: given.map(({ row }) => row), pagination: { next_cursor: null, has_more: false } };
}

/** Index of the first row whose sort key comes after `place`. */
function behind(rows: readonly Listed[], place: readonly [number, number]): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const listed = rows[middle];
    if (listed && compare(listed.place, place) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
