/**
 * Cursors that the proxy makes up. Each holds the one that the API gave for the same place, so that a
 * client that follows it goes on there.
 */
const prefix = 'fault-';

/** @param number tells one cursor to the same place from another */
export function falseCursor(number: number, cursor: string | null): string {
  return `${prefix}${number}-${cursor ?? ''}`;
}

/** The query as the API understands it. */
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

/** The API's page with another cursor, letter for letter apart from that. */
export function withNextCursor(body: string, cursor: string): string {
  const pagination = JSON.stringify({ next_cursor: cursor, has_more: true });
  const changed = body.replace(/"pagination":\{[^{}]*\}/, () => `"pagination":${pagination}`);
  if (changed === body && !body.includes(pagination)) throw new Error('The answer has no pagination to change.');
  return changed;
}
