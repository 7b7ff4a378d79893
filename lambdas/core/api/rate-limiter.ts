import type { RequestBudget } from './rate-headers.ts';
import { longestSleepSeconds } from './retry-policy.ts';

/** When the next request may be made. */
export interface Turn {
  /** False: it would come too late, and was not taken. */
  readonly granted: boolean;
  /** Until the request may be made. */
  readonly waitMilliseconds: number;
  /** The API itself has asked for the wait. */
  readonly isHeld: boolean;
}

/** Times in milliseconds since the epoch. */
export interface RateLimiter {
  /**
   * Takes the next turn, unless it comes later than the caller can wait.
   * @param longestWait milliseconds; a wait that the API asked for is shorter still
   */
  take(now: number, longestWait: number): Turn;
  /** The rate goes up by a step, to its ceiling at most. */
  succeeded(): void;
  /** A rate limit: the rate is halved, to its floor at least, and nothing is asked before `until`. */
  limited(now: number, until: number): void;
  /** What an answer said is left of the API's own limit. */
  told(budget: RequestBudget): void;
  /** Requests a minute that are allowed now. */
  readonly perMinute: number;
  /** Rate limits since the last success; those of one burst are one. */
  readonly refusals: number;
}

/** Back to the full rate within about this many successes. */
const recoverySteps = 50;
/** The rate never falls below this, or the share where that is smaller. */
const floorPerMinute = 6;
/** Several answers to one burst are one sign, not several. */
const burstMilliseconds = 1_000;
/** From this share of the API's limit on, what is left is spread over the time until there is more. */
const sparingShare = 0.1;
/** Answers whose resets lie closer than this speak of the same window. */
const sameWindowMilliseconds = 2_000;
/** A function does not sleep longer than this because the API asks it to; a second is for jitter. */
const longestHoldMilliseconds = (longestSleepSeconds + 1) * 1_000;

/**
 * Spaces requests evenly (a bucket of one token), at a rate that shrinks by itself: halved on a rate limit, raised
 * by a step after each success (additive increase, multiplicative decrease). If answers say how many requests are
 * left, the last tenth is spread over the rest of the window, so that several functions and other users of the key
 * share it without a refusal.
 * @param sharePerMinute the ceiling: the budget of the workspace, divided among the functions that may run at once
 */
export function createRateLimiter(sharePerMinute: number): RateLimiter {
  const floor = Math.min(floorPerMinute, sharePerMinute);
  let perMinute = sharePerMinute;
  let nextTurn = Number.NEGATIVE_INFINITY;
  let heldUntil = Number.NEGATIVE_INFINITY;
  let lastCut = Number.NEGATIVE_INFINITY;
  let refusals = 0;
  let budget: { remaining: number; limit: number; resetAt: number } | undefined;

  const takeTurn = (turn: number) => {
    const spacing = 60_000 / perMinute;
    nextTurn = turn + spacing;
    if (!budget) return;
    budget.remaining -= 1;
    if (budget.remaining > budget.limit * sparingShare) return;
    nextTurn = turn + Math.max(spacing, (budget.resetAt - turn) / Math.max(1, budget.remaining + 1));
  };

  return {
    take(now, longestWait) {
      if (budget && budget.resetAt <= now) budget = undefined;
      const turn = Math.max(now, nextTurn, heldUntil);
      const isHeld = turn === heldUntil && turn > now;
      const waitMilliseconds = turn - now;
      const granted = waitMilliseconds <= (isHeld ? Math.min(longestWait, longestHoldMilliseconds) : longestWait);
      if (granted) takeTurn(turn);
      return { granted, waitMilliseconds, isHeld };
    },
    succeeded() {
      refusals = 0;
      perMinute = Math.min(sharePerMinute, perMinute + sharePerMinute / recoverySteps);
    },
    limited(now, until) {
      heldUntil = Math.max(heldUntil, until);
      if (now - lastCut < burstMilliseconds) return;
      lastCut = now;
      refusals += 1;
      perMinute = Math.max(floor, perMinute / 2);
    },
    told({ remaining, limit, resetAt }) {
      const isSameWindow = budget !== undefined && Math.abs(budget.resetAt - resetAt) < sameWindowMilliseconds;
      budget = {
        remaining: isSameWindow && budget ? Math.min(budget.remaining, remaining) : remaining,
        limit: isSameWindow && budget ? Math.max(budget.limit, limit) : limit,
        resetAt,
      };
      if (budget.remaining <= 0) heldUntil = Math.max(heldUntil, resetAt);
    },
    get perMinute() {
      return perMinute;
    },
    get refusals() {
      return refusals;
    },
  };
}
