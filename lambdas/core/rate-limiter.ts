/** Times in milliseconds since the epoch. */
export interface RateLimiter {
  /** Takes the next turn. @returns milliseconds to wait before the request is made */
  take(now: number): number;
  succeeded(): void;
  /** A 429: the rate is halved. */
  limited(now: number): void;
  /** Requests a minute that are allowed now. */
  readonly perMinute: number;
}

/** Back to the full rate within about this many successes. */
const recoverySteps = 50;
const floorPerMinute = 6;

/**
 * Spaces requests evenly, at a rate that shrinks by itself: halved on a 429, raised by a step after each
 * success (additive increase, multiplicative decrease), up to the share of this function.
 */
export function createRateLimiter(sharePerMinute: number): RateLimiter {
  const floor = Math.min(floorPerMinute, sharePerMinute);
  let perMinute = sharePerMinute;
  let nextTurn = 0;
  let lastCut = 0;
  return {
    take(now) {
      const turn = Math.max(now, nextTurn);
      nextTurn = turn + 60_000 / perMinute;
      return turn - now;
    },
    succeeded() {
      perMinute = Math.min(sharePerMinute, perMinute + sharePerMinute / recoverySteps);
    },
    limited(now) {
      // Several answers to one burst are one sign, not several.
      if (now - lastCut < 1_000) return;
      lastCut = now;
      perMinute = Math.max(floor, perMinute / 2);
    },
    get perMinute() {
      return perMinute;
    },
  };
}
