import type { QueueDepth } from '../cloud/running-cloud.ts';

/** A local run is given up if nothing changes for this long. */
export const stuckMilliseconds = 60_000;
/** The publish function needs less than this to check whether a run is over. If it works longer, it merges rows. */
const longestCheck = 2_000;

/** Notices that a run stands still. Times are milliseconds. */
export class Standstill {
  #tasks = -1;
  #changedAt: number;
  #publishIdleAt: number;

  constructor(now: number) {
    this.#changedAt = now;
    this.#publishIdleAt = now;
  }

  /**
   * Compares the state of the run with the last one.
   * @returns whether nothing has changed for longer than `stuckMilliseconds`
   */
  update(
    seen: {
      readonly tasks: number;
      readonly isWaiting: boolean;
      readonly queues: readonly Pick<QueueDepth, 'name' | 'inFlight' | 'delayed'>[];
    },
    now: number,
  ): boolean {
    const isPublish = ({ name }: { name: string }) => /publish/i.test(name);
    // A message is delayed if its task waits for the rate limit.
    const isWorking = seen.queues.some((queue) => !isPublish(queue) && queue.inFlight + queue.delayed > 0);
    if (!seen.queues.some((queue) => isPublish(queue) && queue.inFlight > 0)) this.#publishIdleAt = now;
    const isMerging = now - this.#publishIdleAt > longestCheck;
    if (seen.tasks !== this.#tasks || isWorking || isMerging || seen.isWaiting) this.#changedAt = now;
    this.#tasks = seen.tasks;
    return now - this.#changedAt > stuckMilliseconds;
  }
}
