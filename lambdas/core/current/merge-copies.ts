import type { Contested, Suspect } from './merge-state.ts';
import { type Copy, isNewer, type OrderRules } from './order.ts';

/** A copy of a row, whether from a chunk or from the table. */
export interface RowCopy extends Copy {
  /** What did not fit the columns. The same row has another one once a column was declared for a part of it. */
  readonly extra: string | null;
}

/** What is known of one key before its new copies are merged. */
export interface KnownRow {
  /** The current row; `asked` is when it was last asked for. Undefined if the table has none. */
  readonly current: RowCopy | undefined;
  readonly suspect: Suspect | undefined;
  readonly contested: Contested | undefined;
  /** When the question was asked that confirmed the row's deletion. */
  readonly deletedAt: number | undefined;
  /** When the scope that the row belongs to was last read whole. */
  readonly coveredAt: number | undefined;
}

export interface MergedRow {
  /** The copy that is to be written: its place among the copies. Undefined if the table stays as it is. */
  readonly write: number | undefined;
  readonly change: 'inserted' | 'updated' | 'retyped' | 'none';
  readonly suspect: Suspect | undefined;
  readonly contested: Contested | undefined;
  readonly unchanged: number;
  readonly outdated: number;
}

/**
 * Merges the copies of one row that a run read into what is known of it.
 * @param copies in the order in which they were asked for
 */
export function mergeCopies(
  known: KnownRow,
  copies: readonly RowCopy[],
  rules: OrderRules & { readonly runId: string },
): MergedRow {
  let { current, suspect, contested } = known;
  let write: number | undefined;
  let accepted = 0;
  let unchanged = 0;
  for (const [at, copy] of copies.entries()) {
    const isDeleted = known.deletedAt !== undefined && copy.asked <= known.deletedAt;
    if (isDeleted) continue;
    if (suspect && copy.asked > suspect.since) suspect = undefined;
    const isKnown = current?.digest === copy.digest;
    if (isKnown && contested && copy.asked > contested.by) contested = undefined;
    if (isKnown && current?.extra === copy.extra) {
      unchanged += 1;
    } else if (!current || isNewer(copy, current, rules)) {
      suspect = current ? suspect : (presentSuspect(suspect) ?? suspectOfLate(copy, known.coveredAt, rules.runId));
      contested = undefined;
      current = copy;
      write = at;
      accepted += 1;
    } else if (copy.asked > current.asked) {
      contested = { seen: contested?.seen ?? current.asked, by: copy.asked };
    }
  }
  const change = write === undefined ? 'none' : changeOf(known.current, current);
  const outdated = copies.length - unchanged - (write === undefined ? 0 : 1);
  return { write, change, suspect, contested, unchanged, outdated };
}

function changeOf(before: RowCopy | undefined, after: RowCopy | undefined): 'inserted' | 'updated' | 'retyped' {
  if (!before) return 'inserted';
  return before.digest === after?.digest ? 'retyped' : 'updated';
}

function presentSuspect(suspect: Suspect | undefined): Suspect | undefined {
  if (!suspect) return undefined;
  const { isAbsent: _, ...present } = suspect;
  return present;
}

/** A copy arrives although the scope was read whole since it was asked for, and did not give the row. */
function suspectOfLate({ asked }: Copy, coveredAt: number | undefined, runId: string): Suspect | undefined {
  return coveredAt !== undefined && asked < coveredAt ? { since: coveredAt, runId, seen: asked } : undefined;
}
