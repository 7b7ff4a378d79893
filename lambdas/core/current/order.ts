/** What decides between two copies of a row. Times in milliseconds since the epoch. */
export interface Copy {
  /** When the API was asked for it. */
  readonly asked: number;
  /** The row's own `updated_at`; undefined if it has none that can be parsed. */
  readonly updated: number | undefined;
  /** Decides only between copies of one answer, so that the order of merging does not. */
  readonly digest: string;
}

export interface OrderRules {
  /** Milliseconds. Two copies asked for within this of each other may come from replicas of different age. */
  readonly lookback: number;
  /** A full refresh: only the time of asking counts. */
  readonly forced: boolean;
}

/**
 * Whether a copy replaces the current one. The copy that was asked for last wins. If both have a time of their own
 * and were asked for within the lookback of each other, the larger time wins instead: a lagging replica gives an
 * old copy late. This is the only place that says so.
 */
export function isNewer(candidate: Copy, current: Copy, { lookback, forced }: OrderRules): boolean {
  const { asked, updated, digest } = candidate;
  const areComparable = updated !== undefined && current.updated !== undefined && updated !== current.updated;
  if (areComparable && !forced && Math.abs(asked - current.asked) <= lookback) return updated > current.updated;
  return asked === current.asked ? digest > current.digest : asked > current.asked;
}
