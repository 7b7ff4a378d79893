import { describe, expect, it } from 'vitest';
import { createRateLimiter, type RateLimiter } from '../../../lambdas/core/api/rate-limiter.ts';

const ever = Number.POSITIVE_INFINITY;
const waits = (limiter: RateLimiter, now: number, count: number) =>
  Array.from({ length: count }, () => limiter.take(now, ever).waitMilliseconds);

describe('requests', () => {
  it('are spaced by the share of the rate, from the first one on', () => {
    expect(waits(createRateLimiter(30), 1_000, 4)).toEqual([0, 2_000, 4_000, 6_000]);
  });

  it('do not wait if they come more slowly than the share, and save up no burst', () => {
    const limiter = createRateLimiter(60);
    expect([0, 5_000, 600_000].flatMap((now) => waits(limiter, now, 1))).toEqual([0, 0, 0]);
    expect(waits(limiter, 600_000, 2)).toEqual([1_000, 2_000]);
  });

  it('take no turn that is later than they can wait', () => {
    const limiter = createRateLimiter(60);
    limiter.take(0, 0);
    expect(limiter.take(0, 999)).toMatchObject({ granted: false, waitMilliseconds: 1_000 });
    expect(limiter.take(0, 1_000)).toMatchObject({ granted: true, waitMilliseconds: 1_000 });
    expect(limiter.take(0, ever)).toMatchObject({ granted: true, waitMilliseconds: 2_000 });
  });
});

describe('a rate limit', () => {
  it('halves the rate once per burst, but not below the floor', () => {
    const limiter = createRateLimiter(40);
    const rates = [0, 500, 999, 1_000, 2_000, 3_000, 4_000].map((now) => {
      limiter.reportLimit(now, now);
      return limiter.perMinute;
    });
    expect(rates).toEqual([20, 20, 20, 10, 6, 6, 6]);
  });

  it('does not raise a share that is below the floor', () => {
    const limiter = createRateLimiter(2);
    limiter.reportLimit(0, 0);
    expect(limiter.perMinute).toBe(2);
  });

  it('halves the rate of an unused limiter, whatever the clock says', () => {
    const limiter = createRateLimiter(40);
    limiter.reportLimit(0, 0);
    expect(limiter.perMinute).toBe(20);
  });

  it('ends with even steps up to the share and no further', () => {
    const limiter = createRateLimiter(50);
    limiter.reportLimit(0, 0);
    const rates = Array.from({ length: 60 }, () => {
      limiter.reportSuccess(100);
      return limiter.perMinute;
    });
    expect(rates.slice(0, 3)).toEqual([26, 27, 28]);
    expect(rates.indexOf(50)).toBe(24);
    expect(Math.max(...rates)).toBe(50);
  });
});

describe('a wait that the API asks for', () => {
  it('holds every request of the process, and the process sleeps only through a short one', () => {
    const limiter = createRateLimiter(60);
    limiter.reportLimit(0, 90_000);
    expect(limiter.take(1_000, ever)).toEqual({ granted: false, waitMilliseconds: 89_000, isHeld: true });
    expect(limiter.take(80_000, ever)).toEqual({ granted: true, waitMilliseconds: 10_000, isHeld: true });
    expect(limiter.take(90_000, ever)).toMatchObject({ granted: true, waitMilliseconds: 2_000, isHeld: false });
  });

  it('is never shortened by a later answer', () => {
    const limiter = createRateLimiter(60);
    limiter.reportLimit(0, 90_000);
    limiter.reportLimit(500, 2_000);
    expect(limiter.take(3_000, ever)).toMatchObject({ waitMilliseconds: 87_000 });
  });

  it('is counted once per burst until a request succeeds', () => {
    const limiter = createRateLimiter(60);
    for (const now of [0, 10, 1_000, 2_000]) limiter.reportLimit(now, now);
    expect(limiter.refusals).toBe(3);
    limiter.reportSuccess(100);
    expect(limiter.refusals).toBe(0);
  });
});

describe('the limit that the API reports', () => {
  const minute = { limit: 50, resetAt: 60_000 };

  it('is never exceeded even if more is configured: the last tenth is spread over the window', () => {
    const limiter = createRateLimiter(600);
    const taken: number[] = [];
    for (let now = 0; now < 60_000; ) {
      const { granted, waitMilliseconds } = limiter.take(now, ever);
      now += waitMilliseconds;
      if (!granted || now >= 60_000) continue;
      taken.push(now);
      limiter.reportBudget({ ...minute, remaining: 50 - taken.length });
    }
    expect(taken).toHaveLength(50);
    expect(taken[44]).toBeLessThan(5_000);
    expect(taken[49]).toBeGreaterThan(40_000);
  });

  it('counts requests under way, so an overtaken answer does not raise it', () => {
    const limiter = createRateLimiter(60_000);
    limiter.reportBudget({ ...minute, remaining: 8 });
    limiter.reportBudget({ ...minute, resetAt: 60_900, remaining: 9 });
    for (let request = 0; request < 3; request += 1) limiter.take(0, ever);
    limiter.reportBudget({ ...minute, remaining: 8 });
    // Of the eight remaining requests, three are under way. The other five are spread over the minute, so each waits
    // more than ten seconds.
    limiter.take(0, ever);
    expect(limiter.take(0, ever).waitMilliseconds).toBeGreaterThan(10_000);
  });

  it('holds all requests if none is left, until the window is over', () => {
    const limiter = createRateLimiter(600);
    limiter.reportBudget({ ...minute, remaining: 0 });
    expect(limiter.take(1_000, ever)).toEqual({ granted: false, waitMilliseconds: 59_000, isHeld: true });
    expect(limiter.take(60_000, ever)).toMatchObject({ granted: true, waitMilliseconds: 0 });
    expect(limiter.take(60_000, ever)).toMatchObject({ granted: true, waitMilliseconds: 100 });
  });
});

describe('the requests in flight', () => {
  const afterAnswers = (limiter: RateLimiter, tookMilliseconds: number) => {
    for (let answer = 0; answer < 50; answer += 1) limiter.reportSuccess(tookMilliseconds);
    return limiter.inFlight;
  };

  it.each([
    { perMinute: 60, tookMilliseconds: 250, inFlight: 2 },
    { perMinute: 60, tookMilliseconds: 5_000, inFlight: 6 },
    { perMinute: 6_000, tookMilliseconds: 240, inFlight: 26 },
  ])('use a rate of $perMinute with answers after $tookMilliseconds ms, and one waits for its turn', (one) => {
    expect(afterAnswers(createRateLimiter(one.perMinute), one.tookMilliseconds)).toBe(one.inFlight);
  });

  it('become fewer when the API lowers the rate', () => {
    const limiter = createRateLimiter(6_000);
    afterAnswers(limiter, 240);
    limiter.reportLimit(0, 0);
    expect(limiter.inFlight).toBe(14);
  });
});

describe('a share that changes', () => {
  it('changes the rate at once', () => {
    const limiter = createRateLimiter(30);
    limiter.setShare(60);
    expect(waits(limiter, 0, 3)).toEqual([0, 1_000, 2_000]);
    limiter.setShare(30);
    expect(limiter.perMinute).toBe(30);
  });

  it('leaves a rate as it is that a rate limit has cut, and lets it rise to the new share', () => {
    const limiter = createRateLimiter(30);
    limiter.reportLimit(0, 0);
    limiter.setShare(60);
    expect(limiter.perMinute).toBe(15);
    for (let success = 0; success < 50; success += 1) limiter.reportSuccess(100);
    expect(limiter.perMinute).toBe(60);
  });
});
