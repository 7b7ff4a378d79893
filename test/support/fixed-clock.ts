import type { Clock, Deadline } from '../../lambdas/core/ports.ts';

/** A clock that stands still until the test moves it. */
export class FixedClock implements Clock {
  #now: Date;

  constructor(iso: string) {
    this.#now = new Date(iso);
  }

  now(): Date {
    return new Date(this.#now);
  }

  advance(milliseconds: number): void {
    this.#now = new Date(this.#now.getTime() + milliseconds);
  }
}

/** An invocation with plenty of time left. */
export const ample: Deadline = { remainingMilliseconds: () => 300_000 };
