import type { Clock } from '../ports.ts';
import type { RateLimiter } from './rate-limiter.ts';

export interface BudgetShare {
  /** Call it when an invocation begins. @param messages that it was given */
  begin(messages: number): void;
  /** Call it before each request. It never waits. */
  update(): void;
}

export interface BudgetOptions {
  readonly limiter: Pick<RateLimiter, 'setShare'>;
  /** Requests per minute of the workspace. */
  readonly budget: number;
  /** Most functions that read the API at the same time. */
  readonly functions: number;
  /** Number of messages that functions hold now, including this one. May lag behind by some seconds. */
  readonly heldMessages: () => Promise<number>;
  readonly clock: Clock;
}

/** How often a function looks whether others are at work. An invocation that is over by then never looks. */
const lookEveryMilliseconds = 10_000;
/** The number of messages that are held may lag, so one look is not enough to find that nobody else reads. */
const looksAlone = 2;

/**
 * Divides the budget among the functions that read now. A function begins with an equal share of all functions. It
 * takes the whole budget once it has twice found that the others hold no message, and gives it up when one does.
 */
export function createBudgetShare({ limiter, budget, functions, heldMessages, clock }: BudgetOptions): BudgetShare {
  let own = 0;
  let lookedAt = 0;
  let alone = 0;

  const look = async () => {
    // If the look fails, others may be at work.
    const held = await heldMessages().catch(() => Number.POSITIVE_INFINITY);
    const others = Math.max(0, held - own);
    alone = others === 0 ? alone + 1 : 0;
    const readers = alone >= looksAlone ? 1 : 1 + Math.min(functions - 1, Math.max(1, others));
    limiter.setShare(budget / readers);
  };

  return {
    begin(messages) {
      own = messages;
      const now = clock.now().getTime();
      if (now - lookedAt < lookEveryMilliseconds) return;
      lookedAt = now;
      alone = 0;
      limiter.setShare(budget / functions);
    },
    update() {
      const now = clock.now().getTime();
      if (functions === 1 || now - lookedAt < lookEveryMilliseconds) return;
      lookedAt = now;
      void look();
    },
  };
}
