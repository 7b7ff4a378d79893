import type { Selection } from '../../contract/run.ts';
import type { Stream } from '../../contract/stream.ts';
import { parseRawLine } from '../rows/raw-line.ts';
import { type RowFacts, rowFacts } from '../rows/row-facts.ts';
import { fingerprint, hasSeen, type SeenRows } from './seen-rows.ts';

/** What becomes of the lines of a page. */
export interface SortedLines {
  /** To be landed. */
  readonly lines: readonly string[];
  /** Rows whose children are to be read, each id once. */
  readonly parents: readonly string[];
  /** Rows left out because the lake has them already. */
  readonly unchanged: number;
  /** Rows that the next window's overlap may give again; they are added to `recent` of the sorter. */
  readonly recent: number;
}

export interface Sorting {
  readonly stream: Stream;
  readonly selection: Selection;
  readonly hasChildren: boolean;
  /** What the run before has put into the lake of the overlap. */
  readonly seen: SeenRows;
}

/**
 * Decides for each line whether it is landed, whether its children are read, and whether the next run
 * must remember it. Pure but for `recent`, which gathers the fingerprints to remember.
 */
export function sortLines(
  { stream, selection, hasChildren, seen }: Sorting,
  lines: readonly string[],
  recent: SeenRows,
): SortedLines {
  const window = selection.kind === 'list' ? selection : undefined;
  if (!hasChildren && window?.seenFrom === undefined) return { lines, parents: [], unchanged: 0, recent: 0 };
  const landed: string[] = [];
  const parents = new Set<string>();
  let remembered = 0;
  for (const line of lines) {
    const { row, meta } = parseRawLine(line);
    const facts = rowFacts(stream, row);
    const print = facts.id === undefined ? undefined : fingerprint(facts.id, row, facts.time ?? 0);
    const isSeen = print !== undefined && hasSeen(seen, print);
    if (isSeen && stream.cursor) continue;
    landed.push(line);
    const isGone = meta.deleted_at !== undefined;
    if (hasChildren && facts.id !== undefined && !isGone && !isSeen && hasMoved(facts, window?.childrenSince))
      parents.add(facts.id);
    if (print && window?.seenFrom !== undefined && print.time >= Date.parse(window.seenFrom)) {
      recent.set(print.id, [print.digest, print.time]);
      remembered += 1;
    }
  }
  return { lines: landed, parents: [...parents], unchanged: lines.length - landed.length, recent: remembered };
}

/** A row without a time counts as moved: better read once too often than never. */
function hasMoved({ time }: RowFacts, since: string | undefined): boolean {
  return since === undefined || time === undefined || time >= Date.parse(since);
}
