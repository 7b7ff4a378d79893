/**
 * Prefix of cursors that the proxy makes up. Such a cursor contains the API's own cursor for the same position in the
 * list, so a client that follows it continues from there.
 */
const prefix = 'fault-';

/**
 * Makes up a cursor.
 * @param number distinguishes cursors to the same place
 * @param cursor the API's cursor for the place; null: the start of the list
 */
export function falseCursor(number: number, cursor: string | null): string {
  return `${prefix}${number}-${cursor ?? ''}`;
}

/** Replaces a made-up cursor in a query by the API's own. */
export function withTrueCursor(query: URLSearchParams): URLSearchParams {
  const cursor = query.get('cursor');
  const found = cursor === null ? null : new RegExp(`^${prefix}\\d+-(.*)$`).exec(cursor);
  if (!found) return query;
  const changed = new URLSearchParams(query);
  if (found[1]) changed.set('cursor', found[1]);
  else changed.delete('cursor');
  return changed;
}

export function emptyPage(cursor: string): string {
  return JSON.stringify({ data: [], pagination: { next_cursor: cursor, has_more: true }, request_id: 'req_fault' });
}

/** The API's page with another cursor for the next page; every other byte stays the same. */
export function withNextCursor(body: string, cursor: string): string {
  const pagination = JSON.stringify({ next_cursor: cursor, has_more: true });
  const changed = body.replace(/"pagination":\{[^{}]*\}/, () => `"pagination":${pagination}`);
  if (changed === body && !body.includes(pagination)) throw new Error('The answer has no pagination to change.');
  return changed;
}
