import { fraction, kindOf } from './data/seed.ts';

/** An answer that was not true. */
export interface Untruth {
  readonly at: number;
  readonly table: string;
  /** The row whose list it was; undefined for a list without a parent, or a single row. */
  readonly parent: string | undefined;
  /** The row that was asked for; undefined for a list. */
  readonly id: string | undefined;
  readonly what: 'not found' | 'empty' | 'half';
}

/** Decides when the API answers something else than the truth, and keeps what it said. */
export class Untruths {
  readonly told: Untruth[] = [];
  readonly #seed: number;
  readonly #asked = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Hangs on the seed, the request and how often it came, not on the order of requests beside each other. */
  happens(share: number, request: string): boolean {
    if (share <= 0) return false;
    const times = (this.#asked.get(request) ?? 0) + 1;
    this.#asked.set(request, times);
    return fraction(kindOf(`${this.#seed} ${request}`), times) < share;
  }

  tell(untruth: Untruth): void {
    this.told.push(untruth);
  }
}
