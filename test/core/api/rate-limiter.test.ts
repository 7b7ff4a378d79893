import { describe, expect, it } from 'vitest';
import { createRateLimiter, type RateLimiter } from '../../../lambdas/core/api/rate-limiter.ts';

const ever = Number.POSITIVE_INFINITY;
const waits = (limiter: RateLimiter, now: number, count: number) =>
  Array.from({ length: count }, () => limiter.take(now, ever).waitMilliseconds);

describe('requests', () => {
  it('are spaced to the share, from the first one on', () => {
    expect(waits(createRateLimiter(30), 1_000, 4)).toEqual([0, 2_000, 4_000, 6_000]);
  });

  it('that come slower than the share do not wait, and save up no burst', () => {
    const limiter = createRateLimiter(60);
    expect([0, 5_000, 600_000].flatMap((now) => waits(limiter, now, 1))).toEqual([0, 0, 0]);
    expect(waits(limiter, 600_000, 2)).toEqual([1_000, 2_000]);
  });

  it('take no turn that comes later than they can wait', () => {
    const limiter = createRateLimiter(60);
    limiter.take(0, 0);
    expect(limiter.take(0, 999)).toEqual({ granted: false, waitMilliseconds: 1_000 });
    expect(limiter.take(0, 1_000)).toEqual({ granted: true, waitMilliseconds: 1_000 });
    expect(limiter.take(0, ever)).toEqual({ granted: true, waitMilliseconds: 2_000 });
  });
});

describe('a rate limit', () => {
  it('halves the rate once a burst, and no lower than the floor', () => {
    const limiter = createRateLimiter(40);
    const rates = [0, 500, 999, 1_000, 2_000, 3_000, 4_000].map((now) => {
      limiter.limited(now);
      return limiter.perMinute;
    });
    expect(rates).toEqual([20, 20, 20, 10, 6, 6, 6]);
  });

  it('does not raise a share that is below the floor', () => {
    const limiter = createRateLimiter(2);
    limiter.limited(0);
    expect(limiter.perMinute).toBe(2);
  });

  it('halves a limiter that is not yet used, whatever the clock says', () => {
    const limiter = createRateLimiter(40);
    limiter.limited(0);
    expect(limiter.perMinute).toBe(20);
  });

  it('is recovered from by even steps, to the share and not beyond', () => {
    const limiter = createRateLimiter(50);
    limiter.limited(0);
    const rates = Array.from({ length: 60 }, () => {
      limiter.succeeded();
      return limiter.perMinute;
    });
    expect(rates.slice(0, 3)).toEqual([26, 27, 28]);
    expect(rates.indexOf(50)).toBe(24);
    expect(Math.max(...rates)).toBe(50);
  });
});
