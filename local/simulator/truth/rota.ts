const day = 86_400_000;

export interface Turn {
  readonly startedAt: number;
  /** Whether an answer at this time can be trusted. */
  readonly isTrustworthy: boolean;
  /** Whether the job must run at this turn if it is due. */
  readonly mustRunIfDue: boolean;
}

interface LastDone {
  /** The latest time the job was done, and the latest time it was done with an answer that counts. */
  readonly done: number;
  readonly counted: number;
}

/**
 * The pipeline does a job on some nights; the truth only knows that it does it at least every `days`. For each turn:
 * the time since which the job was surely done with an answer that counts, whichever turns the pipeline chose.
 * @param turns when it could be done, in order
 * @param first when it was first done, and since when that counts; by default it is due at the first turn
 * @returns -Infinity for turns by which it may not have been done yet
 */
export function guaranteedSince(
  turns: readonly Turn[],
  days: number,
  first: LastDone = { done: -Infinity, counted: -Infinity },
): number[] {
  let possible = [first];
  return turns.map(({ startedAt, isTrustworthy, mustRunIfDue }) => {
    const next = new Map<number, number>();
    const add = (done: number, counted: number) => next.set(done, Math.min(counted, next.get(done) ?? Infinity));
    for (const { done, counted } of possible) {
      add(startedAt, isTrustworthy ? startedAt : counted);
      if (!mustRunIfDue || startedAt - done < days * day) add(done, counted);
    }
    possible = Array.from(next, ([done, counted]) => ({ done, counted }));
    return Math.min(...next.values());
  });
}
