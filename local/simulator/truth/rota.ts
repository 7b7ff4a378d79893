const day = 86_400_000;

export interface Turn {
  readonly startedAt: number;
  /** Whether the API's answer in this run can be trusted. */
  readonly isTrustworthy: boolean;
  /** Whether the pipeline must do the job in this run if the job is due. */
  readonly mustRunIfDue: boolean;
}

interface LastDone {
  /** The latest time at which the job was done (`done`), and at which it was done with a true answer (`counted`). */
  readonly done: number;
  readonly counted: number;
}

/**
 * The pipeline does a job, such as rereading a list, in some of its runs. Which runs is unknown, but it does the job at
 * least once in `days`. Returns for each run the latest time at or after which the job was surely done with a true
 * answer, whichever runs the pipeline chose.
 * @param turns the runs in which the job could be done, in order
 * @param first when the job was first done; by default it is due at the first run
 * @returns -Infinity for a run by which the job may not have been done yet
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
