import { fraction, kindOf } from './data/seed.ts';

/** A false answer. */
export interface FalseAnswer {
  readonly at: number;
  readonly table: string;
  /** The row whose list was asked for; undefined for a list without a parent, or for a single row. */
  readonly parent: string | undefined;
  /** The row that was asked for; undefined for a list. */
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

  /** Depends on the seed, the request and how often it came, so concurrent requests can arrive in any order. */
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
