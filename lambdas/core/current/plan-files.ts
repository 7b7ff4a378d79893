/** Decides which data files are rewritten. A slot is the position of one data file in key order. */

import type { MergeLimits } from './merge-limits.ts';

export interface Slot {
  /** Rows after the changes. */
  readonly rows: number;
  readonly isTouched: boolean;
}

/** Neighbouring slots that are rewritten as `pieces` files of equal size. */
export interface FileGroup {
  /** Half-open: [from, to). */
  readonly from: number;
  readonly to: number;
  readonly pieces: number;
}

/** A file is split if it would have more than this many times the target rows. */
const splitAt = 1.5;

/**
 * Groups the slots to rewrite: each touched slot, joined with its neighbours if it is small and all fit into one file.
 * A group that is too large is split.
 * @param target rows that a file should have
 */
export function planFiles(slots: readonly Slot[], target: number): FileGroup[] {
  const groups: FileGroup[] = [];
  for (let from = 0; from < slots.length; ) {
    const to = endOfGroup(slots, from, target);
    const rows = rowsOf(slots, from, to);
    const isTouched = slots.slice(from, to).some((slot) => slot.isTouched);
    if (isTouched)
      groups.push({ from, to, pieces: rows > splitAt * target ? Math.ceil(rows / target) : Math.min(rows, 1) });
    from = to;
  }
  return groups;
}

/**
 * End (exclusive) of the group that begins at `from`. Slots are joined as long as one of them is both touched and
 * small, and all of them fit into one file.
 */
function endOfGroup(slots: readonly Slot[], from: number, target: number): number {
  let to = from + 1;
  while (to < slots.length && isJoined(slots, from, to, target)) to += 1;
  return to;
}

function isJoined(slots: readonly Slot[], from: number, to: number, target: number): boolean {
  const group = slots.slice(from, to);
  const next = slots[to];
  if (!next || rowsOf(slots, from, to) + next.rows > target) return false;
  return [...group, next].some(({ isTouched, rows }) => isTouched && rows > 0 && rows < target / 2);
}

function rowsOf(slots: readonly Slot[], from: number, to: number): number {
  return slots.slice(from, to).reduce((sum, { rows }) => sum + rows, 0);
}

/** Rows that each data file of a table of this size should have. */
export function targetRows(
  table: { readonly rows: number; readonly bytesPerRow: number },
  { files, leastRows, mostRows, mostBytes }: MergeLimits,
): number {
  const byCount = Math.min(mostRows, Math.max(leastRows, Math.ceil(table.rows / files)));
  return Math.max(1, Math.min(byCount, Math.floor(mostBytes / Math.max(1, table.bytesPerRow))));
}
