import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpApiOptions } from '../../lambdas/adapters/http-api.ts';
import { refusalMetric } from '../../lambdas/contract/metrics.ts';
import { createRateLimiter } from '../../lambdas/core/api/rate-limiter.ts';
import { leadsCaller, leadsContext, rejection } from '../support/api-caller.ts';
import { json, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

const page = { data: [{ id: 'lead_1' }], request_id: 'req_body' };

const caller = (more: Partial<HttpApiOptions> = {}) => leadsCaller(server.baseUrl, more);

describe('a rate limit', () => {
  const body = { error: { message: 'slow down' }, request_id: 'req_429' };

  it.each([
    ['seconds', '3', 'Tue, 24 Nov 2026 03:00:00 GMT', 3_500],
    ['an HTTP date', 'Tue, 24 Nov 2026 03:00:04 GMT', 'Tue, 24 Nov 2026 03:00:00 GMT', 4_500],
    ['an HTTP date, two hours behind', 'Tue, 24 Nov 2026 01:00:04 GMT', 'Tue, 24 Nov 2026 01:00:00 GMT', 4_500],
    ['an HTTP date, two hours ahead', 'Tue, 24 Nov 2026 05:00:04 GMT', 'Tue, 24 Nov 2026 05:00:00 GMT', 4_500],
  ])('is waited out for the Retry-After given in %s', async (_, retryAfter, date, wait) => {
    server.script(json(429, body, { 'retry-after': retryAfter, date }), json(200, page));
    const { get, waits, api } = caller();
    await get();
    expect(waits).toHaveLength(1);
    expect(Math.abs((waits[0] ?? 0) - wait)).toBeLessThan(20);
    expect(api.counts).toEqual({ requests: 2, retries: 1, limited: { answers: 1, milliseconds: wait } });
  });

  it('without Retry-After leads to longer waits each time', async () => {
    server.script(json(429, body), json(429, body), json(429, body), json(200, page));
    const { get, waits } = caller();
    await get();
    expect(waits).toEqual([750, 1_500, 3_000]);
  });

  it('with a longer wait than a function sleeps fails at once, and says how long', async () => {
    server.script(json(429, body, { 'retry-after': '120' }));
    const { get, waits } = caller();
    expect(await rejection(get())).toMatchObject({
      code: 'rate_limited',
      disposition: 'transient',
      retryAfterSeconds: 120.5,
      until: new Date('2026-11-24T03:02:00.500Z'),
      requestId: 'req_429',
      status: 429,
    });
    expect(server.seen).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  it('with a longer wait holds every request of the process until it is over', async () => {
    server.script(json(429, body, { 'retry-after': '120' }), json(200, page));
    const { get, options } = caller();
    await rejection(get());
    await options.sleep?.(60_000);
    expect(await rejection(get())).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 60.5 });
    expect(server.seen).toHaveLength(1);
    await options.sleep?.(60_500);
    expect(await get()).toMatchObject({ requestId: 'req_body' });
  });

  it('that another request meets meanwhile holds the refused request, which still counts as sent', async () => {
    server.script(json(429, body, { 'retry-after': '3' }));
    const limiter = createRateLimiter(60_000);
    const { get, api } = caller({
      limiter,
      sleep: async () => {
        const now = Date.parse('2026-11-24T03:00:00.000Z');
        limiter.reportLimit(now, now + 120_000);
      },
    });
    expect(await rejection(get())).toMatchObject({ code: 'rate_limited', status: 429 });
    expect(api.counts).toMatchObject({ requests: 1, retries: 0 });
  });

  it('can also be a 403 with Retry-After: then no scope is missing', async () => {
    const quota = { error: { code: 'REQUEST_LIMIT_EXCEEDED' }, request_id: 'req_403' };
    server.script(json(403, quota, { 'retry-after': '3' }), json(403, quota, { 'retry-after': '3600' }));
    const { get, metrics } = caller();
    const error = await rejection(get());
    expect(error).toMatchObject({ code: 'rate_limited', status: 403, retryAfterSeconds: 3_600.5 });
    expect(error).toMatchObject({ message: expect.not.stringContaining('scope') as unknown });
    expect(metrics.counts).toEqual(new Map([[refusalMetric(429) ?? '', 2]]));
  });

  it('is not a 503 with Retry-After: only what was asked for waits', async () => {
    server.script(json(503, {}, { 'retry-after': '3' }), json(503, {}, { 'retry-after': '600' }), json(200, page));
    const { get, waits, metrics } = caller();
    expect(await rejection(get())).toMatchObject({ code: 'rate_limited', isOutage: true, retryAfterSeconds: 600.5 });
    expect(waits).toEqual([3_500]);
    expect(await get()).toMatchObject({ requestId: 'req_body' });
    expect(metrics.counts).toEqual(new Map());
  });

  it('with a known window is waited out', async () => {
    const headers = { 'x-ratelimit-limit': '50', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '7' };
    server.script(json(429, body, headers), json(200, page));
    const { get, waits } = caller();
    await get();
    expect(waits).toEqual([7_500]);
  });

  it('that answers announce is never reached: the remaining requests are spread out', async () => {
    let left = 50;
    server.script((response, request) => {
      left -= 1;
      const headers = {
        'ratelimit-limit': '50',
        'ratelimit-remaining': `${Math.max(0, left)}`,
        'ratelimit-reset': '60',
      };
      json(left < 0 ? 429 : 200, page, headers)(response, request);
    });
    const { get, options } = caller({ limiter: createRateLimiter(6_000) });
    const started = options.clock.now().getTime();
    for (let request = 0; request < 48; request += 1) await get();
    expect(left).toBe(2);
    expect(options.clock.now().getTime() - started).toBeGreaterThan(20_000);
  });

  it('slows the process down, which does not wait for turns after its invocation ends', async () => {
    server.script(json(429, body, { 'retry-after': '120' }), json(200, page));
    const limiter = createRateLimiter(60);
    const { api, get, options } = caller({ limiter });
    await rejection(get());
    await options.sleep?.(120_500);
    const deadline = { remainingMilliseconds: () => 26_500 };
    await api.get('/leads', {}, { ...leadsContext, deadline });
    // At half of 60 requests a minute the next one may be sent in two seconds; the invocation can wait only 1.5 s.
    const error = await rejection(api.get('/leads', {}, { ...leadsContext, deadline }));
    expect(error).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 2 });
    expect(limiter.perMinute).toBeLessThan(60);
    expect(server.seen).toHaveLength(2);
  });
});
