/** Decides which of the scopes of a run (what each task read to its end) are applied next. */

import type { MergeInput, ReadScope } from './merge-input.ts';
import type { RunProgress } from './merge-state.ts';

export const scopeId = ({ taskId, askedAt }: ReadScope) => `${taskId}@${askedAt}`;

/** Scopes (what each task read to its end) that are not applied yet, in the order of their requests. */
export function pendingScopes({ scopes, approved }: MergeInput, progress: RunProgress): ReadScope[] {
  const over = new Set([...progress.scopes, ...(approved ? [] : (progress.held?.scopes ?? []))]);
  return scopes
    .filter((scope) => !over.has(scopeId(scope)))
    .toSorted((one, other) => Date.parse(one.askedAt) - Date.parse(other.askedAt));
}

/**
 * Puts back the scopes whose deletions are held, if the run has read more since: a second reading may have returned the
 * rows that the first one lacked.
 * @returns whether they are to be applied again
 */
export function reconsiderHeld({ scopes, approved }: MergeInput, progress: RunProgress): boolean {
  const { held, counts } = progress;
  if (!held || approved) return false;
  const over = new Set([...progress.scopes, ...held.scopes]);
  if (scopes.every((scope) => over.has(scopeId(scope)))) return false;
  counts.parents -= held.parents;
  counts.parentsMissing -= held.parentsMissing;
  progress.held = null;
  return true;
}

/** The first scopes that can be applied together: one list, or scopes of one kind that share no parent or id. */
export function firstScopes(scopes: readonly ReadScope[]): ReadScope[] {
  const [first] = scopes;
  if (!first || first.kind === 'list') return first ? [first] : [];
  const seen = new Set<string>();
  const group: ReadScope[] = [];
  for (const scope of scopes) {
    if (scope.kind !== first.kind) break;
    const asked = scope.kind === 'parents' ? [...scope.parents, ...scope.missing] : scope.missing;
    if (asked.some((id) => seen.has(id))) break;
    for (const id of asked) seen.add(id);
    group.push(scope);
  }
  return group;
}
