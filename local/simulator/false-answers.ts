import { fraction, kindOf } from './data/seed.ts';

/** An answer that differs from the truth because a setting of the simulator says so. */
export interface FalseAnswer {
  readonly at: number;
  readonly table: string;
  /** Id of the parent row whose list was requested; undefined for a list without a parent, or for a single row. */
  readonly parent: string | undefined;
  /** Id of the requested row; undefined for a list. */
  readonly id: string | undefined;
  readonly what: 'not found' | 'empty' | 'half';
}

/** Decides when the API answers falsely, and records each false answer. */
export class FalseAnswers {
  readonly recorded: FalseAnswer[] = [];
  readonly #seed: number;
  readonly #asked = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /**
   * Whether a request gets a false answer. Depends on the seed, the request and how often it came, not on the order of
   * concurrent requests.
   * @param share probability of a false answer
   */
  happens(share: number, request: string): boolean {
    if (share <= 0) return false;
    const times = (this.#asked.get(request) ?? 0) + 1;
    this.#asked.set(request, times);
    return fraction(kindOf(`${this.#seed} ${request}`), times) < share;
  }

  record(answer: FalseAnswer): void {
    this.recorded.push(answer);
  }
}
