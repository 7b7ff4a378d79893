import type { MergeLimits } from './merge-limits.ts';

/** Does the work once its share of the function's memory is free, in the order of asking. */
export type Turn = <T>(share: number, work: () => Promise<T>) => Promise<T>;

/** Merges beside each other: small ones together, and one that needs all the memory alone. */
export function createTurns(): Turn {
  let taken = 0;
  let running = 0;
  const waiting: { readonly share: number; readonly start: () => void }[] = [];
  const startNext = () => {
    for (let next = waiting[0]; next && (running === 0 || taken + next.share <= 1); next = waiting[0]) {
      waiting.shift();
      taken += next.share;
      running += 1;
      next.start();
    }
  };
  return async (share, work) => {
    await new Promise<void>((start) => {
      waiting.push({ share, start });
      startNext();
    });
    try {
      return await work();
    } finally {
      taken -= share;
      running -= 1;
      startNext();
    }
  };
}

/**
 * How much of the memory that a function has for merges one of them may need: from 0 to 1.
 * @param files of the table, and those that are merged into it
 */
export function shareOf(
  files: readonly { readonly rows: number; readonly bytes: number }[],
  { batchRows, mostBytes }: MergeLimits,
): number {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return Math.min(1, Math.max(rows / batchRows, bytes / mostBytes));
}
