import type { RequestBudget } from './rate-headers.ts';
import { longestSleepSeconds } from './retry-policy.ts';

/** When the next request may be made. */
export interface Turn {
  /** False if the turn would come too late and was not taken. */
  readonly granted: boolean;
  /** Wait before the request may be made. */
  readonly waitMilliseconds: number;
  /** True if the API itself asked for the wait. */
  readonly isHeld: boolean;
}

/** Decides when requests may be made. Times are milliseconds since the epoch. */
export interface RateLimiter {
  /**
   * Takes the next turn, unless it comes later than the caller can wait.
   * @param longestWait milliseconds; a wait that the API asked for may be at most 11 seconds
   */
  take(now: number, longestWait: number): Turn;
  /** Raises the rate by a step, at most to its ceiling. @param tookMilliseconds time from request to answer */
  reportSuccess(tookMilliseconds: number): void;
  /**
   * Reports a rate limit: halves the rate, at least to its floor, and holds all requests until `until`.
   * @returns the milliseconds by which this lengthens the wait
   */
  reportLimit(now: number, until: number): number;
  /** Changes the ceiling. The rate follows at once, unless a rate limit has cut it: then it rises by steps. */
  setShare(sharePerMinute: number): void;
  /** Reports how many requests the API still allows, according to an answer. */
  reportBudget(budget: RequestBudget): void;
  /** Current rate in requests per minute. */
  readonly perMinute: number;
  /**
   * Requests in flight that use the whole rate: the rate times the time that an answer takes (Little's law), plus one
   * that waits for its turn.
   */
  readonly inFlight: number;
  /** How often the API has reported a rate limit since the last success. Answers to one burst count once. */
  readonly refusals: number;
}

/** About this many successes restore the full rate. */
const recoverySteps = 50;
/** The rate never falls below this, or below the function's share if that is smaller. */
const floorPerMinute = 6;
/** Rate limits that follow each other within this time are answers to one burst of requests and count once. */
const burstMilliseconds = 1_000;
/** Once this share of the API's limit is left, the remaining requests are spread over the rest of the window. */
const spreadBelowShare = 0.1;
/** If two answers name window ends less than this apart, they mean the same window. */
const sameWindowMilliseconds = 2_000;
/** Assumed time from request to answer, until the first answer has come. */
const expectedMilliseconds = 500;
/** Weight of the newest answer in the moving average of the times from request to answer. */
const newestWeight = 1 / 8;
/** A longer wait that the API asks for is not slept in the function. The added second is for jitter. */
const longestHoldMilliseconds = (longestSleepSeconds + 1) * 1_000;

/**
 * Spaces requests evenly (a bucket of one token) at a rate that adapts: each rate limit halves it, each success raises
 * it by a step (additive increase, multiplicative decrease). If answers report how many requests are left, the last
 * tenth is spread over the rest of the window. Then several functions and other users of the key can share the window
 * without refusals.
 * @param sharePerMinute the ceiling: the part of the workspace's budget that this function may use
 */
export function createRateLimiter(sharePerMinute: number): RateLimiter {
  let share = sharePerMinute;
  let perMinute = share;
  let nextTurn = Number.NEGATIVE_INFINITY;
  let heldUntil = Number.NEGATIVE_INFINITY;
  let lastCut = Number.NEGATIVE_INFINITY;
  let refusals = 0;
  let answerMilliseconds = expectedMilliseconds;
  let budget: { remaining: number; limit: number; resetAt: number } | undefined;

  const takeTurn = (turn: number) => {
    const spacing = 60_000 / perMinute;
    nextTurn = turn + spacing;
    if (!budget) return;
    budget.remaining -= 1;
    if (budget.remaining > budget.limit * spreadBelowShare) return;
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
    reportSuccess(tookMilliseconds) {
      refusals = 0;
      answerMilliseconds += (tookMilliseconds - answerMilliseconds) * newestWeight;
      perMinute = Math.min(share, perMinute + share / recoverySteps);
    },
    reportLimit(now, until) {
      const added = Math.max(0, until - Math.max(now, heldUntil));
      heldUntil = Math.max(heldUntil, until);
      if (now - lastCut < burstMilliseconds) return added;
      lastCut = now;
      refusals += 1;
      perMinute = Math.max(Math.min(floorPerMinute, share), perMinute / 2);
      return added;
    },
    setShare(next) {
      perMinute = perMinute === share ? next : Math.min(next, perMinute);
      share = next;
    },
    reportBudget({ remaining, limit, resetAt }) {
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
    get inFlight() {
      return 1 + Math.ceil((perMinute / 60_000) * answerMilliseconds);
    },
    get refusals() {
      return refusals;
    },
  };
}
