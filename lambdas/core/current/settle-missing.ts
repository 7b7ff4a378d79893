/**
 * Decides what happens to rows that a read did not return: they are suspected to be deleted, are deleted, or stay
 * because the guard against mass deletion waits for approval.
 */

import { minItemsForShare } from '../runs/item-bounds.ts';
import { keyJson } from './keys.ts';
import type { MergeInput } from './merge-input.ts';
import type { Held, RunProgress, Suspect } from './merge-state.ts';
import type { Missing, MissingRow } from './missing-rows.ts';
import { remember, rowsOf, type TableDraft } from './table-draft.ts';

/** Up to this many rows may be missing, whatever share of the table they are. */
const alwaysAllowedMissing = 20;

/** How many rows a run may newly find missing before the guard holds its deletions back for approval. */
export function allowedMissing(draft: TableDraft, { maxDeletedShare }: MergeInput, { counts }: RunProgress): number {
  return Math.max(alwaysAllowedMissing, Math.floor((rowsOf(draft) + counts.deleted) * maxDeletedShare));
}

export interface Settlement {
  /** The scopes (lists, children of parents, or ids) whose missing rows are decided on. */
  readonly scopes: readonly string[];
  /** The complete list was read. */
  readonly isList: boolean;
  /** It returned no row. */
  readonly isEmptyList: boolean;
  /** Whether this read can confirm a deletion: if the API has a path by id, only a read by id can. */
  readonly canConfirm: boolean;
}

/**
 * Decides which of the rows that reads did not return are deleted now. The others are suspected to be deleted.
 * @returns the rows to delete now; undefined if the guard holds deletions back. Then these scopes and the earlier ones
 * of the run wait for approval, and their suspicions are dropped.
 */
export function settleMissing(
  draft: TableDraft,
  missing: Missing,
  settlement: Settlement,
  input: MergeInput,
  progress: RunProgress,
): MissingRow[] | undefined {
  const { isEmptyList, canConfirm } = settlement;
  const { suspects } = draft.state;
  const known = missing.rows.filter(({ key }) => suspects[keyJson(key)]).length;
  const fresh = missing.count - known;
  if (!input.approved) {
    const reason = reasonToHold(draft, missing.count, fresh, isEmptyList, input, progress);
    if (reason) {
      hold(draft, reason, fresh, settlement, input.runId, progress);
      return undefined;
    }
  }
  const deleted: MissingRow[] = [];
  for (const row of missing.rows) {
    const name = keyJson(row.key);
    const suspect = suspects[name];
    if (!suspect) progress.counts.missing += 1;
    const isConfirmed = suspect && canConfirm && row.askedAt >= suspect.since + input.confirmAfterSeconds * 1000;
    if (input.approved || isConfirmed) deleted.push(row);
    else remember(draft, suspects, name, suspected(suspect, row.askedAt, row.seen, input.runId));
  }
  return deleted;
}

/** The suspicion to store for a row that a read did not return. */
export function suspected(known: Suspect | undefined, askedAt: number, seen: number, runId: string): Suspect {
  if (!known) return { since: askedAt, last: askedAt, seen, runId };
  return askedAt > known.last ? { ...known, last: askedAt } : known;
}

function reasonToHold(
  draft: TableDraft,
  missing: number,
  fresh: number,
  isEmptyList: boolean,
  input: MergeInput,
  progress: RunProgress,
): Held['reason'] | undefined {
  const { counts, held } = progress;
  if (isEmptyList && missing > 0) return 'empty_list';
  if (counts.parents >= minItemsForShare && counts.parentsMissing > counts.parents / 2)
    return 'too_many_parents_missing';
  if (fresh > 0 && held) return held.reason;
  return fresh + counts.missing > allowedMissing(draft, input, progress) ? 'too_many_missing' : undefined;
}

/**
 * Holds the run's deletions until they are approved. Drops the run's earlier suspicions too: they may come from the
 * same wrong answer and must not be confirmed bit by bit.
 */
function hold(
  draft: TableDraft,
  reason: Held['reason'],
  fresh: number,
  { scopes, isList }: Settlement,
  ownRunId: string,
  progress: RunProgress,
): void {
  const { counts, held } = progress;
  for (const [name, { runId }] of Object.entries(draft.state.suspects))
    if (runId === ownRunId) remember(draft, draft.state.suspects, name, undefined);
  progress.held = {
    reason,
    // Two readings of a list lack the same rows.
    missing: isList
      ? Math.max(held?.missing ?? 0, counts.missing + fresh)
      : (held?.missing ?? 0) + counts.missing + fresh,
    rows: rowsOf(draft),
    parents: counts.parents,
    parentsMissing: counts.parentsMissing,
    scopes: [...(held?.scopes ?? []), ...progress.scopes, ...scopes],
  };
  progress.scopes = [];
  counts.missing = 0;
  draft.hasNewState = true;
}
