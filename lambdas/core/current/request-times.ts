/**
 * Tells when rows were last requested. The table alone does not say it: a read that finds a row unchanged does not
 * write it.
 */

import type { MergeState } from './merge-state.ts';

/** When the children of a parent were last read completely; undefined if never. */
export type ReadAt = (parentId: string) => number | undefined;

/**
 * When the scope of a row (its list, or the children of its parent) was last read completely, whether it returned the
 * row or not.
 * @param parentId only for tables of children
 */
export function scopeReadAt(state: MergeState, parentId: string | undefined, readAt: ReadAt): number | undefined {
  return parentId === undefined ? (state.lastList ?? undefined) : readAt(parentId);
}

/**
 * When the current row was last requested.
 * @param extractedAt when the row's present version was first requested
 * @param covered when the row's list, or its parent's children, was last read completely
 */
export function askedAt(state: MergeState, key: string, extractedAt: number, covered: number | undefined): number {
  const doubt = state.suspects[key] ?? state.contested[key];
  // Reads since `doubt.seen` did not return this version of the row.
  if (doubt) return Math.max(extractedAt, doubt.seen);
  return Math.max(extractedAt, covered ?? 0, state.seenAt[key] ?? 0);
}
