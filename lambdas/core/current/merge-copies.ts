import type { Contested, Suspect } from './merge-state.ts';
import { contentDigest } from '../rows/rows.ts';
import { type Copy, isNewer, type OrderRules } from './order.ts';

/** A copy of a row, whether from a chunk or from the table. */
export interface RowCopy extends Copy {
  /**
   * JSON of the fields that have no column, or whose value did not fit their column. It changes when a field gets a
   * column, even if the row does not change.
   */
  readonly extra: string | null;
}

/** What is known of one key before its new copies are merged. */
export interface KnownRow {
  /** The current row; `asked` is when it was last requested. Undefined if the table has no such row. */
  readonly current: RowCopy | undefined;
  readonly suspect: Suspect | undefined;
  readonly contested: Contested | undefined;
  /** When the read that confirmed the row's deletion was requested. */
  readonly deletedAt: number | undefined;
  /** When the scope of the row (its list, or the children of its parent) was last read completely. */
  readonly scopeReadAt: number | undefined;
}

export interface MergedRow {
  /** Index of the copy to write. Undefined if the table stays as it is. */
  readonly write: number | undefined;
  readonly change: 'inserted' | 'updated' | 'retyped' | 'none';
  readonly suspect: Suspect | undefined;
  readonly contested: Contested | undefined;
  /** When the copy was requested that confirmed the current row, if that row was suspected (deleted) or contested. */
  readonly seenAgain: number | undefined;
  readonly unchanged: number;
  readonly outdated: number;
}

/**
 * Merges a run's copies of one row into what is known of the row.
 * @param copies in the order of their requests
 */
export function mergeCopies(
  known: KnownRow,
  copies: readonly RowCopy[],
  rules: OrderRules & { readonly runId: string },
): MergedRow {
  let { current, suspect, contested } = known;
  let write: number | undefined;
  let seenAgain: number | undefined;
  let unchanged = 0;
  for (const [at, copy] of copies.entries()) {
    if (known.deletedAt !== undefined && copy.asked <= known.deletedAt) continue;
    const isSame = current !== undefined && isSameContent(current, copy);
    const isSuspected = suspect !== undefined && copy.asked > suspect.since;
    if (suspect && isSuspected) suspect = afterSighting(suspect, copy);
    const isContested = contested !== undefined && isSame && copy.asked > contested.by;
    if (isContested) contested = undefined;
    if (current && isSame && (isSuspected || isContested)) {
      seenAgain = copy.asked;
      current = { ...current, asked: copy.asked };
      if (suspect) suspect = { ...suspect, seen: Math.max(suspect.seen, copy.asked) };
    }
    if (current?.digest === copy.digest && current.extra === copy.extra) {
      unchanged += 1;
    } else if (!current) {
      suspect = suspectOfLate(suspect, copy, known.scopeReadAt, rules.runId);
      current = copy;
      write = at;
    } else if (isNewer(copy, current, rules)) {
      const by = Math.max(current.asked, contested?.by ?? current.asked);
      contested = copy.asked < by ? { seen: copy.asked, by } : undefined;
      if (suspect) suspect = { ...suspect, seen: copy.asked };
      seenAgain = undefined;
      current = copy;
      write = at;
    } else if (copy.asked > current.asked) {
      contested = { seen: current.asked, by: Math.max(copy.asked, contested?.by ?? copy.asked) };
    }
  }
  const change = write === undefined ? 'none' : changeOf(known.current, current);
  const outdated = copies.length - unchanged - (write === undefined ? 0 : 1);
  return { write, change, suspect, contested, seenAgain, unchanged, outdated };
}

function changeOf(before: RowCopy | undefined, after: RowCopy | undefined): 'inserted' | 'updated' | 'retyped' {
  if (!before) return 'inserted';
  return after && isSameContent(before, after) ? 'retyped' : 'updated';
}

/** Whether the API gave the same row, even if another mask of personal data was then applied to it. */
function isSameContent(one: Copy, other: Copy): boolean {
  return contentDigest(one.digest) === contentDigest(other.digest);
}

/**
 * The suspicion of a row after a copy of it was read. It ends (undefined) if the copy was requested after all reads
 * that did not return the row. Otherwise the last of these reads still counts.
 */
function afterSighting(suspect: Suspect, { asked }: Copy): Suspect | undefined {
  return asked > suspect.last ? undefined : { ...suspect, since: suspect.last };
}

/** The suspicion to store with a copy that arrives late: reads that were requested later did not return its row. */
function suspectOfLate(
  suspect: Suspect | undefined,
  { asked }: Copy,
  scopeReadAt: number | undefined,
  runId: string,
): Suspect | undefined {
  const covering = scopeReadAt !== undefined && asked < scopeReadAt ? scopeReadAt : undefined;
  if (!suspect) return covering === undefined ? undefined : { since: covering, last: covering, runId, seen: asked };
  const { since, last } = suspect;
  return { since, last: Math.max(last, covering ?? last), runId: suspect.runId, seen: asked };
}
