const day = 86_400_000;

export interface Turn {
  readonly startedAt: number;
  /** Whether what was answered then can be relied on. */
  readonly isTrue: boolean;
  /** Whether it must be done then if it is due. */
  readonly isBound: boolean;
}

interface Possible {
  /** The latest time that it was done, and the latest time that it was done with an answer that counts. */
  readonly done: number;
  readonly counted: number;
}

/**
 * Something is done at some nights, and nobody but the pipeline knows at which: only that no `days` pass without it.
 * For each turn: the time at or after which it was done with an answer that counts, whichever turns were chosen.
 * @param turns when it could be done, in order
 * @param first when it was done for the first time, and since when that counts; by default it is due at the first turn
 * @returns -Infinity for turns before which it may not have been done yet
 */
export function surelyDone(
  turns: readonly Turn[],
  days: number,
  first: Possible = { done: -Infinity, counted: -Infinity },
): number[] {
  let possible = [first];
  return turns.map(({ startedAt, isTrue, isBound }) => {
    const next = new Map<number, number>();
    const add = (done: number, counted: number) => next.set(done, Math.min(counted, next.get(done) ?? Infinity));
    for (const { done, counted } of possible) {
      add(startedAt, isTrue ? startedAt : counted);
      if (!isBound || startedAt - done < days * day) add(done, counted);
    }
    possible = Array.from(next, ([done, counted]) => ({ done, counted }));
    return Math.min(...next.values());
  });
}
