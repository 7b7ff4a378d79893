import { describe, expect, it } from 'vitest';
import { ForbiddenError, RateLimitedError, UnavailableError } from '../../../lambdas/core/errors.ts';
import {
  backoffMilliseconds,
  maxRetries,
  rateLimitSeconds,
  reserveMilliseconds,
  retryWait,
} from '../../../lambdas/core/api/retry-policy.ts';

describe('backing off', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 40])('after attempt %i takes at most what doubles up to 8 seconds', (attempt) => {
    const longest = Math.min(8_000, 250 * 2 ** attempt);
    expect(backoffMilliseconds(attempt, 0)).toBe(0);
    expect(backoffMilliseconds(attempt, 0.5)).toBe(longest / 2);
    expect(backoffMilliseconds(attempt, 0.999_999)).toBe(longest);
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-11-24T03:00:00.000Z');

  it.each([
    ['30', 30],
    [' 2.5 ', 2.5],
    ['86400', 3_600],
    ['1'.repeat(400), 3_600],
    ['Tue, 24 Nov 2026 03:01:00 GMT', 60],
    ['Fri, 24 Nov 2126 03:00:00 GMT', 3_600],
  ])('of %j requires %d seconds, plus jitter', (text, seconds) => {
    expect(rateLimitSeconds(text, 0, now, 0)).toBe(seconds);
    expect(rateLimitSeconds(text, 6, now, 0.5)).toBe(seconds + 0.5);
  });

  it.each([
    null,
    '',
    '0',
    '0.0',
    'Tue, 24 Nov 2026 02:00:00 GMT',
    '-5',
    'soon',
    '1e9',
    '0x10',
    'Infinity',
    'NaN',
    '5 seconds',
    'Tue, 99 Foo',
  ])('of %j counts as absent: the wait doubles with each attempt, up to about a minute', (text) => {
    const waits = [0, 1, 2, 3, 50].map((attempt) => rateLimitSeconds(text, attempt, now, 0.999_999));
    expect(waits.map(Math.round)).toEqual([1, 2, 4, 8, 64]);
    expect(rateLimitSeconds(text, 0, now, 0)).toBe(0.5);
  });
});

describe('the wait before another attempt', () => {
  const failed = {
    error: new UnavailableError('x'),
    action: { kind: 'retry', error: UnavailableError },
    attempt: 0,
    remainingMilliseconds: 300_000,
  } as const;
  const limited = (retryAfterSeconds: number) => ({
    ...failed,
    error: new RateLimitedError('x', { retryAfterSeconds, now: new Date(0) }),
    action: { kind: 'rate-limited' } as const,
  });

  it('backs off until the attempts run out', () => {
    const attempts = Array.from({ length: maxRetries + 1 }, (_, attempt) => attempt);
    expect(attempts.map((attempt) => retryWait({ ...failed, attempt }, 0.5))).toEqual([
      125,
      250,
      500,
      1_000,
      undefined,
    ]);
  });

  it('is what a rate limit asks for, if that is short', () => {
    expect(retryWait(limited(2.0001), 0.5)).toBe(2_001);
    expect(retryWait(limited(10.999), 0.5)).toBe(10_999);
    expect(retryWait(limited(11), 0.5)).toBeUndefined();
  });

  it('is undefined if the invocation ends first', () => {
    const remainingMilliseconds = reserveMilliseconds + 2_000;
    expect(retryWait({ ...limited(1), remainingMilliseconds }, 0)).toBe(1_000);
    expect(retryWait({ ...limited(2), remainingMilliseconds }, 0)).toBeUndefined();
  });

  it('is undefined if another attempt cannot help', () => {
    const error = new ForbiddenError('x');
    expect(retryWait({ ...failed, error, action: { kind: 'fail', error: ForbiddenError } }, 0.5)).toBeUndefined();
  });
});
