/** Times of the simulated workspace. All are milliseconds since 1970, UTC. */

const minute = 60_000;
/** How long the workspace had been in use before the first epoch. */
const history = 2 * 365 * 24 * 60 * minute;
/** How long before an epoch its changes are made, at most. */
const busyTime = 5 * minute;
/** The shortest time between two epochs that leaves room for changes between them. */
const shortestGap = 20;

export class Calendar {
  /** Starts of the runs on this workspace, in order. Before each but the first it changes a little. */
  readonly epochs: readonly number[];
  readonly born: number;
  /** The first epoch: everything that no epoch changed is older than this. */
  readonly first: number;

  /** @throws RangeError where there is no epoch, or they do not rise by 20 ms or more */
  constructor(epochs: readonly Date[]) {
    this.epochs = epochs.map((epoch) => epoch.getTime());
    const first = this.epochs[0];
    if (first === undefined || Number.isNaN(first))
      throw new RangeError('The simulator needs the start of at least one run.');
    for (let index = 1; index < this.epochs.length; index += 1) {
      if (!(this.epoch(index) - this.epoch(index - 1) >= shortestGap)) {
        throw new RangeError(`Epochs of the simulator must rise by ${shortestGap} ms or more.`);
      }
    }
    this.first = first;
    this.born = first - history;
  }

  /** Number of the latest epoch; 0 where there was one only. */
  get latest(): number {
    return this.epochs.length - 1;
  }

  epoch(number: number): number {
    const epoch = this.epochs[number];
    if (epoch === undefined) throw new RangeError(`There is no epoch ${number}.`);
    return epoch;
  }

  /** @param share of the time before the first epoch: 0 is the workspace's birth, 1 (never reached) the epoch */
  past(share: number): number {
    return this.born + Math.floor((this.first - this.born) * share);
  }

  /**
   * When the `position`-th of `count` changes of an epoch was made: before that epoch by some seconds to
   * five minutes, and after the epoch before it. Rises with the position.
   */
  change(epoch: number, position: number, count: number): number {
    const end = this.epoch(epoch);
    const gap = end - this.epoch(epoch - 1);
    const width = Math.min(busyTime, gap * 0.9);
    const margin = Math.min(2_000, gap * 0.05);
    return Math.floor(end - margin - ((width - margin) * (count - position)) / count);
  }
}

export function iso(time: number): string {
  return new Date(time).toISOString();
}
