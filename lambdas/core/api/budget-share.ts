import type { Clock } from '../ports.ts';
import type { RateLimiter } from './rate-limiter.ts';

export interface BudgetShare {
  /** Call it when an invocation begins. @param messages that it was given */
  begin(messages: number): void;
  /** Looks at once who reads. */
  look(): Promise<void>;
  /** Call it before each request. It never waits. */
  update(): void;
}

/** A queue whose consumers read the API. */
export interface ReaderQueue {
  /** Most functions that consume it at the same time. */
  readonly functions: number;
  /** Number of messages that they hold now. May lag behind by some seconds. */
  readonly heldMessages: () => Promise<number>;
}

export interface BudgetOptions {
  readonly limiter: Pick<RateLimiter, 'setShare'>;
  /** Requests per minute of the workspace. */
  readonly budget: number;
  /** The queue that this function consumes. */
  readonly own: ReaderQueue;
  readonly others: readonly ReaderQueue[];
  /**
   * In how many looks a function has to find itself alone before it takes the whole budget: more than one if it reads
   * for long, because the number of held messages may lag.
   */
  readonly looksAlone: number;
  readonly clock: Clock;
}

/** How often a function looks whether others are at work. */
const lookEveryMilliseconds = 10_000;

/**
 * Divides the budget among the functions that read now. A function begins with an equal share of all consumers of its
 * queue. It takes the whole budget once it has found that the others hold no message, and gives it up when one does.
 */
export function createBudgetShare({ limiter, budget, own, others, looksAlone, clock }: BudgetOptions): BudgetShare {
  const mostOthers = own.functions - 1 + others.reduce((sum, { functions }) => sum + functions, 0);
  let ownMessages = 0;
  let lookedAt = 0;
  let alone = 0;

  const readingNow = async () => {
    const beside = Math.max(0, (await own.heldMessages()) - ownMessages);
    const counts = others.map(async ({ functions, heldMessages }) => Math.min(functions, await heldMessages()));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, Math.min(own.functions - 1, beside));
  };
  const look = async () => {
    lookedAt = clock.now().getTime();
    // If the look fails, others may be at work.
    const reading = await readingNow().catch(() => mostOthers);
    alone = reading === 0 ? alone + 1 : 0;
    const readers = alone >= looksAlone ? 1 : 1 + Math.min(mostOthers, Math.max(1, reading));
    limiter.setShare(budget / readers);
  };

  return {
    look,
    begin(messages) {
      ownMessages = messages;
      const now = clock.now().getTime();
      if (now - lookedAt < lookEveryMilliseconds) return;
      lookedAt = now;
      alone = 0;
      limiter.setShare(budget / own.functions);
    },
    update() {
      if (mostOthers === 0 || clock.now().getTime() - lookedAt < lookEveryMilliseconds) return;
      void look();
    },
  };
}
