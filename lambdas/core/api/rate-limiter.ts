/** When the next request may be made. */
export interface Turn {
  /** False: it would come too late, and was not taken. */
  readonly granted: boolean;
  /** Until the request may be made. */
  readonly waitMilliseconds: number;
}

/** Times in milliseconds since the epoch. */
export interface RateLimiter {
  /**
   * Takes the next turn, unless it comes later than the caller can wait.
   * @param longestWait milliseconds
   */
  take(now: number, longestWait: number): Turn;
  /** The rate goes up by a step, to its ceiling at most. */
  succeeded(): void;
  /** A 429: the rate is halved, to its floor at least. */
  limited(now: number): void;
  /** Requests a minute that are allowed now. */
  readonly perMinute: number;
}

/** Back to the full rate within about this many successes. */
const recoverySteps = 50;
/** The rate never falls below this, or the share where that is smaller. */
const floorPerMinute = 6;
/** Several answers to one burst are one sign, not several. */
const burstMilliseconds = 1_000;

/**
 * Spaces requests evenly (a bucket of one token), at a rate that shrinks by itself: halved on a 429, raised
 * by a step after each success (additive increase, multiplicative decrease).
 * @param sharePerMinute the ceiling: the budget of the workspace, divided among the functions that may run at once
 */
export function createRateLimiter(sharePerMinute: number): RateLimiter {
  const floor = Math.min(floorPerMinute, sharePerMinute);
  let perMinute = sharePerMinute;
  let nextTurn = Number.NEGATIVE_INFINITY;
  let lastCut = Number.NEGATIVE_INFINITY;
  return {
    take(now, longestWait) {
      const turn = Math.max(now, nextTurn);
      const waitMilliseconds = turn - now;
      const granted = waitMilliseconds <= longestWait;
      if (granted) nextTurn = turn + 60_000 / perMinute;
      return { granted, waitMilliseconds };
    },
    succeeded() {
      perMinute = Math.min(sharePerMinute, perMinute + sharePerMinute / recoverySteps);
    },
    limited(now) {
      if (now - lastCut < burstMilliseconds) return;
      lastCut = now;
      perMinute = Math.max(floor, perMinute / 2);
    },
    get perMinute() {
      return perMinute;
    },
  };
}
