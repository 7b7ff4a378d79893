import { describe, expect, it } from 'vitest';
import { requestBudget } from '../../../lambdas/core/api/rate-headers.ts';

const now = new Date('2026-11-24T03:00:00.000Z');
const soon = now.getTime() + 30_000;
const budget = (headers: Record<string, string>) => requestBudget(new Headers(headers), now);

describe('the requests that are left', () => {
  it.each([
    ['RateLimit-*', { 'ratelimit-limit': '50', 'ratelimit-remaining': '7', 'ratelimit-reset': '30' }],
    ['X-RateLimit-*', { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '30' }],
    ['X-Rate-Limit-*', { 'x-rate-limit-limit': '50', 'x-rate-limit-remaining': '7', 'x-rate-limit-reset': '30' }],
    ['a list of windows', { 'ratelimit-limit': '50, 50;w=60', 'ratelimit-remaining': '7', 'ratelimit-reset': '30' }],
    ['RateLimit of draft 7', { ratelimit: 'limit=50, remaining=7, reset=30' }],
    [
      'a time in seconds',
      { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': `${soon / 1_000}` },
    ],
    [
      'a time in milliseconds',
      { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': `${soon}` },
    ],
    [
      'an ISO time',
      { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '2026-11-24T03:00:30Z' },
    ],
    [
      'a time by a clock that is a minute ahead',
      {
        'x-ratelimit-limit': '50',
        'x-ratelimit-remaining': '7',
        'x-ratelimit-reset': `${soon / 1_000 + 60}`,
        date: 'Tue, 24 Nov 2026 03:01:00 GMT',
      },
    ],
  ])('are read from %s', (_, headers) => {
    expect(budget(headers)).toEqual({ remaining: 7, limit: 50, resetAt: soon });
  });

  it('are those of the strictest policy if there are several', () => {
    expect(budget({ ratelimit: '"day";r=900;t=40000, "burst";r=2;t=5' })).toEqual({
      remaining: 2,
      limit: 2,
      resetAt: now.getTime() + 5_000,
    });
  });

  it('are held back for an hour at most, then the API is asked again', () => {
    expect(budget({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '86400' })?.resetAt).toBe(
      now.getTime() + 3_600_000,
    );
  });

  it.each<Record<string, string>>([
    {},
    { 'x-ratelimit-remaining': '7' },
    { 'x-ratelimit-reset': '30' },
    { 'x-ratelimit-remaining': '-1', 'x-ratelimit-reset': '30' },
    { 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': '30' },
    { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '0' },
    { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': 'soon' },
    { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '1000000000' },
  ])('are unknown from %j', (headers) => {
    expect(budget(headers)).toBeUndefined();
  });
});
