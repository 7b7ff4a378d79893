/** What decides between two copies of a row. Times are milliseconds since the epoch. */
export interface Copy {
  /** When the copy was requested. */
  readonly asked: number;
  /** The row's own `updated_at`; undefined if it is absent or cannot be parsed. */
  readonly updated: number | undefined;
  /** Decides between copies with the same request time, so that the order of merging does not matter. */
  readonly digest: string;
}

export interface OrderRules {
  /** Milliseconds. Two copies requested within this time of each other may come from replicas of different age. */
  readonly lookback: number;
  /** A full refresh: only the request time counts. */
  readonly forced: boolean;
}

/**
 * Whether a copy replaces the current one. The copy that was requested last wins. If both have an `updated_at`, the two
 * differ, and the copies were requested within the lookback of each other, the later `updated_at` wins instead: a
 * lagging replica returns old copies late. No other code decides this.
 */
export function isNewer(candidate: Copy, current: Copy, { lookback, forced }: OrderRules): boolean {
  const { asked, updated, digest } = candidate;
  const areComparable = updated !== undefined && current.updated !== undefined && updated !== current.updated;
  if (areComparable && !forced && Math.abs(asked - current.asked) <= lookback) return updated > current.updated;
  return asked === current.asked ? digest > current.digest : asked > current.asked;
}
