import type { MergeLimits } from './merge-limits.ts';

/** Runs the work as soon as its share of the memory for merges is free. Work starts in the order of the calls. */
export type Turn = <T>(share: number, work: () => Promise<T>) => Promise<T>;

/**
 * Lets merges run at the same time if their shares of the memory fit: small ones together, one that needs all of it
 * alone.
 */
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
 * The share, from 0 to 1, that a merge may need of the memory that the function has for merges.
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
