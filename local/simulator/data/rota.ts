/** Which rows of a table change, and which are new, at each epoch after the first. */

interface Step {
  /** Rows before this epoch. */
  readonly before: number;
  readonly changed: number;
  readonly stride: number;
  readonly offset: number;
  readonly added: number;
}

export interface RotaPlan {
  /** Rows before any epoch. */
  readonly base: number;
  /** Share of the rows that change at an epoch, and how many do at least. */
  readonly share: number;
  readonly minimum: number;
  /** Rows that are new at an epoch. */
  readonly added: number;
  readonly epochs: number;
  /** 32 random bits for an epoch. */
  bits(epoch: number): number;
}

/**
 * The changed rows of an epoch are every n-th from some offset on: so that row and epoch tell each other
 * without a search, and the rows of an epoch are in the order of the table.
 */
export class Rota {
  readonly #base: number;
  /** By epoch; the first epoch has none. */
  readonly #steps: readonly (Step | undefined)[];
  /** Rows after the latest epoch. */
  readonly total: number;

  constructor({ base, share, minimum, added, epochs, bits }: RotaPlan) {
    this.#base = base;
    const steps: (Step | undefined)[] = [undefined];
    let before = base;
    for (let epoch = 1; epoch < epochs; epoch += 1) {
      const changed = Math.min(before, Math.max(minimum, Math.ceil(before * share)));
      const stride = Math.max(1, Math.floor(before / Math.max(1, changed)));
      steps.push({ before, changed, stride, offset: bits(epoch) % stride, added });
      before += added;
    }
    this.#steps = steps;
    this.total = before;
  }

  #step(epoch: number): Step {
    const step = this.#steps[epoch];
    if (!step) throw new RangeError(`Nothing changes at epoch ${epoch}.`);
    return step;
  }

  /** Changed and new rows of an epoch together. */
  size(epoch: number): number {
    const { changed, added } = this.#step(epoch);
    return changed + added;
  }

  /** The row that is the `position`-th of an epoch. Rises with the position: changed rows, then new ones. */
  at(epoch: number, position: number): number {
    const { changed, offset, stride, before } = this.#step(epoch);
    return position < changed ? offset + position * stride : before + position - changed;
  }

  /** The inverse of {@link at}; -1 where the epoch neither changed nor made the row. */
  position(epoch: number, row: number): number {
    const { changed, offset, stride, before, added } = this.#step(epoch);
    if (row >= before) return row < before + added ? changed + row - before : -1;
    const distance = row - offset;
    return distance >= 0 && distance % stride === 0 && distance / stride < changed ? distance / stride : -1;
  }

  /** Epoch at which the row came to be; 0 for those that were there before. */
  birth(row: number): number {
    if (row < this.#base) return 0;
    for (let epoch = 1; epoch < this.#steps.length; epoch += 1) {
      const { before, added } = this.#step(epoch);
      if (row < before + added) return epoch;
    }
    throw new RangeError(`There is no row ${row}.`);
  }

  /** The latest epoch that changed or made the row; 0 where none did. */
  lastChange(row: number): number {
    for (let epoch = this.#steps.length - 1; epoch > 0; epoch -= 1) {
      if (this.position(epoch, row) >= 0) return epoch;
    }
    return 0;
  }

  /** Epochs that changed the row after its birth, in order. */
  changesOf(row: number): readonly number[] {
    if (this.#steps.length === 1) return none;
    const epochs: number[] = [];
    for (let epoch = 1; epoch < this.#steps.length; epoch += 1) {
      if (row < this.#step(epoch).before && this.position(epoch, row) >= 0) epochs.push(epoch);
    }
    return epochs;
  }
}

const none: readonly number[] = [];
