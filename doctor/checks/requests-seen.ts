/** How many requests a table takes, as far as the examination has seen its list whole. */

import type { Finding } from '../finding.ts';
import type { Endpoint } from './endpoints.ts';

/** Requests by table. A table that is not in it has more rows than were seen. */
export type RequestsSeen = ReadonlyMap<
  string,
  {
    readonly firstLoad?: number;
    /** `firstLoad`: each night reads the whole table, as a first load does. */
    readonly night?: number | 'firstLoad';
  }
>;

/** Adds what findings say: a table that cannot be loaded costs nothing, and one without a filter is read whole. */
export function withFindings(seen: RequestsSeen = new Map(), findings: readonly Finding[]): RequestsSeen {
  const whole = findings.flatMap(({ wholeEachNight: table }) =>
    table === undefined ? [] : [[table, { ...seen.get(table), night: 'firstLoad' }] as const],
  );
  const lost = findings.flatMap(({ tables = [] }) =>
    tables.map((table) => [table, { firstLoad: 0, night: 0 }] as const),
  );
  return new Map([...seen, ...whole, ...lost]);
}

export function requestsSeen(endpoints: readonly Endpoint[]): RequestsSeen {
  // Rows of each list that one page holds.
  const rows = new Map<string, number>();
  const seen = new Map<string, { firstLoad: number; night?: number }>();
  for (const { operation, page } of endpoints) {
    const { kind, stream } = operation;
    if (kind === 'single' && page) seen.set(stream.name, { firstLoad: 1, night: 1 });
    if (kind !== 'list') continue;
    if (stream.parent) {
      const parents = rows.get(stream.parent.stream);
      if (parents === undefined) continue;
      if (parents === 0) rows.set(stream.name, 0);
      seen.set(stream.name, { firstLoad: parents, ...(parents === 0 ? { night: 0 } : {}) });
    } else if (page?.hasPagination && !page.hasMore) {
      rows.set(stream.name, page.rows.length);
      seen.set(stream.name, { firstLoad: 1 + (stream.detail ? page.rows.length : 0), night: 1 });
    }
  }
  return seen;
}
