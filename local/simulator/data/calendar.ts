/** Times of the simulated workspace. All are milliseconds since 1970, UTC. */

const minute = 60_000;
/** How long the workspace had been in use before the first epoch. */
const history = 2 * 365 * 24 * 60 * minute;
/** The changes of an epoch are made in the minutes before it. */
const busyTime = 5 * minute;
/** The shortest time between two epochs that leaves room for changes between them. */
const shortestGap = 20;

/** The time before the first epoch: everything that no epoch changed is older than it. */
export class Calendar {
  readonly born: number;
  readonly first: number;

  /** @throws RangeError if the first epoch is no time */
  constructor(first: Date | undefined) {
    if (first === undefined || Number.isNaN(first.getTime()))
      throw new RangeError('The simulator needs the start of at least one run.');
    this.first = first.getTime();
    this.born = this.first - history;
  }

  /** @param share of the time before the first epoch: 0 is the workspace's birth, 1 (never reached) the epoch */
  past(share: number): number {
    return this.born + Math.floor((this.first - this.born) * share);
  }
}

/** The time between two epochs, in which the changes of the second are made. */
export class Day {
  readonly #from: number;
  readonly #to: number;

  /** @throws RangeError if the epochs do not rise by 20 ms or more */
  constructor(from: number, to: number) {
    if (!(to - from >= shortestGap))
      throw new RangeError(`Epochs of the simulator must rise by ${shortestGap} ms or more.`);
    this.#from = from;
    this.#to = to;
  }

  /** When the `position`-th of `count` changes was made. Rises with the position. */
  at(position: number, count: number): number {
    const gap = this.#to - this.#from;
    const width = Math.min(busyTime, gap * 0.9);
    const margin = Math.min(2_000, gap * 0.05);
    return Math.floor(this.#to - margin - ((width - margin) * (count - position)) / count);
  }
}

/** The `position`-th of `count` times between two. */
export function spread(from: number, to: number, position: number, count: number): number {
  return from + Math.floor(((to - from) * (position + 1)) / (count + 1));
}

export function iso(time: number): string {
  return new Date(time).toISOString();
}
