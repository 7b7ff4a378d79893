/** Time windows of incremental reading. Bounds are sent to the API's filters as ISO times. */

export interface Window {
  readonly after?: string;
  readonly before?: string;
}

const minute = 60_000;
const day = 24 * 60 * minute;
/** A backfill is never cut into more slices than this, however long it is. */
const maxSlices = 48;

/** Where the next window begins: behind the watermark by the overlap, for rows that the API showed late. */
export function behind(watermark: Date, overlapMinutes: number): Date {
  return new Date(watermark.getTime() - overlapMinutes * minute);
}

/**
 * The lower bound by which rows of this very time are read as well: no page says whether the API's filters
 * include their bounds. With inclusive ones what is read twice for it is folded by the current view.
 */
export function justBefore(time: Date): Date {
  return new Date(time.getTime() - 1);
}

/**
 * Cuts the time from `from` to `to` into slices that can be read side by side.
 *
 * Each slice but the first begins just before the end of the one before it, so that nothing falls between two.
 *
 * @param from where reading begins; undefined: at the beginning of time, so the first slice has no lower bound
 * @param cutFrom where cutting begins when `from` is undefined, such as the birth of the workspace
 */
export function slices(from: Date | undefined, to: Date, sliceDays: number, cutFrom?: Date): Window[] {
  const start = from ?? cutFrom;
  const bounds = start === undefined ? [] : innerBounds(start.getTime(), to.getTime(), sliceDays);
  const lower = [from, ...bounds.map((bound) => justBefore(new Date(bound)))];
  const upper = [...bounds.map((bound) => new Date(bound)), to];
  return lower.map((after, index) => ({
    ...(after ? { after: after.toISOString() } : {}),
    before: (upper[index] ?? to).toISOString(),
  }));
}

function innerBounds(from: number, to: number, sliceDays: number): number[] {
  const count = Math.min(maxSlices, Math.max(1, Math.ceil((to - from) / (sliceDays * day))));
  const length = (to - from) / count;
  return Array.from({ length: count - 1 }, (_, index) => Math.round(from + length * (index + 1)));
}
