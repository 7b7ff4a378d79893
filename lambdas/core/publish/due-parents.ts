/** Decides which parents have their children read next. Times are in milliseconds since the epoch. */

import type { ChildReading } from '../../contract/stream.ts';

/** A current row of a parent table. */
export interface ParentRow {
  readonly id: string;
  /** When this version of the row was first requested, and by which run. */
  readonly readAt: number;
  readonly runId: string;
  /** When the row changed according to the API; undefined if the API does not say, or gives an impossible time. */
  readonly changedAt: number | undefined;
}

/** When the children of a parent were last read completely. */
export interface ChildRead {
  readonly readAt: number;
  readonly runId: string;
}

export interface DueRules {
  readonly reading: ChildReading;
  readonly runId: string;
  readonly now: number;
  /**
   * A row that had not changed for longer than this when it was first read comes from a first load: it does not count
   * as a recent change.
   */
  readonly lookbackHours: number;
  readonly settledDays: number;
  readonly childRereadDays: number;
  /**
   * Whether to include the rota, the periodic rereading of parents that show no change. True once per run, when all its
   * parents are known.
   */
  readonly withRota: boolean;
}

export interface DueParents {
  readonly changed: readonly string[];
  /** Parents whose periodic rereading is due although nothing says that they changed. */
  readonly rota: readonly string[];
}

const hour = 3_600_000;
const day = 24 * hour;
/**
 * The periodic rereading leaves out parents whose children were read less than this long ago, so that several runs in
 * one night do not reread the same ones.
 */
const shortestRest = 20 * hour;

/**
 * Decides which parents are due. A parent is due in any of these cases:
 * - its children were never read;
 * - the parent, or a row of another stream that points to it (a hint), changed since the children were read;
 * - the run that last read the children also found the parent's last change: children often become visible later;
 * - new children are expected, as its {@link ChildReading} says;
 * - it is the parent's turn in the rota: every parent is reread once in `childRereadDays`, whether it changed or not.
 * @param hints newest row that hints at a parent, by the parent's id
 */
export function dueParents(
  parents: Iterable<ParentRow>,
  reads: ReadonlyMap<string, ChildRead>,
  hints: ReadonlyMap<string, ParentRow>,
  rules: DueRules,
): DueParents {
  const changed: string[] = [];
  const resting: { id: string; readAt: number }[] = [];
  let [total, unread] = [0, 0];
  for (const parent of parents) {
    total += 1;
    const read = reads.get(parent.id);
    const hint = hints.get(parent.id);
    if (!read) unread += 1;
    if (
      !read ||
      hasChanged(parent, read, rules) ||
      (hint && hasChanged(hint, read, rules)) ||
      isUnsettled(parent, read, rules)
    )
      changed.push(parent.id);
    else if (rules.now - read.readAt >= shortestRest) resting.push({ id: parent.id, readAt: read.readAt });
  }
  const share = Math.ceil(total / rules.childRereadDays);
  // While a first load is unfinished, nothing is reread: parents that were never read come first.
  const places = rules.withRota && unread <= share ? share : 0;
  const rota = resting.toSorted((a, b) => a.readAt - b.readAt).slice(0, places);
  return { changed, rota: rota.map(({ id }) => id) };
}

function hasChanged(row: ParentRow, read: ChildRead, { runId, lookbackHours }: DueRules): boolean {
  if (row.readAt > read.readAt) return true;
  const isRecent = row.changedAt === undefined || row.readAt - row.changedAt < lookbackHours * hour;
  return isRecent && row.runId === read.runId && read.runId !== runId;
}

/** Whether new children are expected although nothing says that the parent changed. */
function isUnsettled({ readAt, changedAt = readAt }: ParentRow, read: ChildRead, rules: DueRules): boolean {
  if (read.runId === rules.runId || rules.reading === 'when-changed') return false;
  return rules.reading === 'every-night' || read.readAt - changedAt < rules.settledDays * day;
}
