/** Times of the simulated workspace, in milliseconds since 1970, UTC. */

const minute = 60_000;
/**
 * How long the workspace has been in use before the first epoch. Epochs are the start times of runs; the workspace
 * changes a little before each epoch except the first.
 */
const history = 2 * 365 * 24 * 60 * minute;
/** The workspace changes at most this many milliseconds before the start of a run. */
const busyTime = 5 * minute;
/** Minimum milliseconds between the starts of two runs, so that the changes between them have different times. */
const shortestGap = 20;

/** The time before the first run. Rows that have not changed since then get their times from it. */
export class Calendar {
  readonly workspaceStart: number;
  readonly first: number;

  /** @throws RangeError if `first`, the start of the first run, is missing or not a valid time */
  constructor(first: Date | undefined) {
    if (first === undefined || Number.isNaN(first.getTime()))
      throw new RangeError('The simulator needs the start of at least one run.');
    this.first = first.getTime();
    this.workspaceStart = this.first - history;
  }

  /**
   * A time before the first run.
   * @param share 0: the start of the workspace; 1 (never reached): the start of the first run
   */
  past(share: number): number {
    return this.workspaceStart + Math.floor((this.first - this.workspaceStart) * share);
  }
}

/** The time between the starts of two runs, in which the workspace changes. */
export class Day {
  readonly #from: number;
  readonly #to: number;

  /** @throws RangeError unless `to` is at least 20 ms after `from` */
  constructor(from: number, to: number) {
    if (!(to - from >= shortestGap))
      throw new RangeError(`Epochs of the simulator must rise by ${shortestGap} ms or more.`);
    this.#from = from;
    this.#to = to;
  }

  /** Time of the change at `position` (from 0) of `count` changes. Rises with the position. */
  timeOfChange(position: number, count: number): number {
    const gap = this.#to - this.#from;
    const width = Math.min(busyTime, gap * 0.9);
    const margin = Math.min(2_000, gap * 0.05);
    return Math.floor(this.#to - margin - ((width - margin) * (count - position)) / count);
  }
}

/** The time at `position` (from 0) of `count` times spaced evenly between `from` and `to`, both excluded. */
export function evenlySpaced(from: number, to: number, position: number, count: number): number {
  return from + Math.floor(((to - from) * (position + 1)) / (count + 1));
}

export function iso(time: number): string {
  return new Date(time).toISOString();
}
