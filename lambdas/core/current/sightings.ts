import type { MergeState } from './merge-state.ts';

/** When rows were last asked for, as far as the merge remembers: a reading that finds a row as it was writes no row. */

/** When the children of a parent were last read whole; undefined if never. */
export type ReadAt = (parentId: string) => number | undefined;

/**
 * When the scope that a row belongs to was last read whole, whether it gave the row or not.
 * @param parentId of tables of children
 */
export function coveredAt(state: MergeState, parentId: string | undefined, readAt: ReadAt): number | undefined {
  return parentId === undefined ? (state.lastList ?? undefined) : readAt(parentId);
}

/**
 * When the current row was last asked for.
 * @param extractedAt when its present version was first asked for
 */
export function askedAt(state: MergeState, key: string, extractedAt: number, covered: number | undefined): number {
  const doubt = state.suspects[key] ?? state.contested[key];
  // Readings since then did not give this version of the row.
  if (doubt) return Math.max(extractedAt, doubt.seen);
  return Math.max(extractedAt, covered ?? 0, state.seenAt[key] ?? 0);
}
