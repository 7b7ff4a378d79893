import { describe, expect, it } from 'vitest';
import { ForbiddenError, RateLimitedError, UnavailableError } from '../../../lambdas/core/errors.ts';
import {
  backoffMilliseconds,
  maxRetries,
  rateLimitSeconds,
  reserveMilliseconds,
  retryWait,
  ruleFor,
} from '../../../lambdas/core/api/retry-policy.ts';

describe('the rule', () => {
  it.each([
    [200, 'accept', undefined],
    [204, 'accept', undefined],
    [301, 'fail', 'request_refused'],
    [400, 'fail', 'request_refused'],
    [401, 'fail', 'unauthorized'],
    [403, 'fail', 'forbidden'],
    [302, 'fail', 'request_refused'],
    [304, 'retry', 'unavailable'],
    [404, 'fail', 'not_found'],
    [408, 'retry', 'unavailable'],
    [409, 'fail', 'idempotency_conflict'],
    [410, 'fail', 'not_found'],
    [418, 'fail', 'request_refused'],
    [422, 'fail', 'request_refused'],
    [425, 'retry', 'unavailable'],
    [429, 'rate-limited', undefined],
    [500, 'retry', 'unavailable'],
    [503, 'retry', 'unavailable'],
    [599, 'retry', 'unavailable'],
    [999, 'retry', 'unavailable'],
    ['unreachable', 'retry', 'unavailable'],
    ['untrusted', 'retry', 'unavailable'],
    ['reset', 'retry', 'unavailable'],
    ['timed-out', 'retry', 'unavailable'],
    ['cut-off', 'retry', 'unavailable'],
    ['not-json', 'retry', 'malformed_answer'],
    ['html', 'retry', 'malformed_answer'],
    ['error-body', 'retry', 'unavailable'],
    ['quota', 'rate-limited', undefined],
    ['too-large', 'fail', 'answer_too_large'],
  ] as const)('for %s is to %s, with the error %s', (outcome, kind, code) => {
    const { action, advice } = ruleFor(outcome);
    expect(action.kind).toBe(kind);
    expect('error' in action ? new action.error('x', {}).code : undefined).toBe(code);
    expect(advice === '').toBe(kind === 'accept');
  });

  it('names the scope of a request that is forbidden, and of no other', () => {
    expect(ruleFor(403, { scope: 'leads.read' }).advice).toContain('Give the key the scope leads.read, or');
    expect(ruleFor(403).advice).toContain('Give the key the scope, or');
    expect(ruleFor('quota', { scope: 'leads.read' })).toEqual(ruleFor('quota'));
  });

  it('names the path that is not there, and says what to do', () => {
    expect(ruleFor(404, { path: '/settings/profile' }).advice).toBe(
      'There is no /settings/profile. Ask the vendor whether the path has moved, or leave its table out with streams in the configuration.',
    );
    expect(ruleFor(404, { path: '/me' }).advice).toMatch(/no \/me at this address\. Check the address/);
  });

  it('does not advise to switch off the question with which every run begins', () => {
    expect(ruleFor(403, { scope: 'me.read', path: '/me' }).advice).toBe(
      'The API key may not do this. Give the key the scope me.read: every run begins with the question whose key it is.',
    );
  });
});

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
