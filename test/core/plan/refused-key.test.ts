/** What a run does if its first request, which asks whom the key belongs to, shows that no task can succeed. */

import { describe, expect, it } from 'vitest';
import type { SendRequest } from '../../../lambdas/adapters/send-request.ts';
import { type ApiKeySource, createHttpApi } from '../../../lambdas/adapters/http-api.ts';
import { waitingKey } from '../../../lambdas/contract/object-keys.ts';
import { SecretError } from '../../../lambdas/core/errors.ts';
import { apiCaller, rejection } from '../../support/api-caller.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryPipeline } from '../../support/memory-pipeline.ts';

/** A workspace whose API answers each request in the same way, over the real transport. */
function pipelineOf(answer: () => Response, apiKey: ApiKeySource = async () => 'pak_live_1') {
  const asked: string[] = [];
  const answering: SendRequest = async ({ url }) => {
    asked.push(new URL(url).pathname);
    return answer();
  };
  const { options } = apiCaller('http://127.0.0.1/api/public/v1', { apiKey, send: answering });
  const clock = new FixedClock('2026-11-24T02:00:00.000Z');
  const api = () => createHttpApi({ ...options, clock });
  return { pipeline: new MemoryPipeline({ clock, api, streams: ['lead_messages', 'campaigns'] }), asked, clock };
}

const json = (status: number, body: object) => Response.json(body, { status });
const noKey: ApiKeySource = async () => {
  throw new SecretError('The secret holds no API key. Put one there.');
};
const me = '/api/public/v1/me';

describe('a run whose key', () => {
  it.each<[string, ApiKeySource, string, RegExp]>([
    ['is not set', noKey, 'secret', /holds no API key/],
    ['is empty', async () => '', 'unauthorized', /holds invalid characters\. Put a valid key/],
    ['has a line break in it', async () => 'pak_live\n_1', 'unauthorized', /holds invalid characters/],
    ['has letters that no header can hold', async () => 'pak_live_ü', 'unauthorized', /holds invalid characters/],
    ['is JSON in quotes and spaces', async () => '{"key": "pak"}', 'unauthorized', /holds invalid characters/],
  ])('%s fails, says what to do, and sends no request', async (_, key, code, says) => {
    const { pipeline, asked } = pipelineOf(() => json(200, { data: [] }), key);
    const report = await pipeline.run();
    expect(report).toMatchObject({ status: 'failed', tables: { leads: { error: { code } } } });
    for (const { error } of Object.values(report?.tables ?? {})) expect(error?.message).toMatch(says);
    expect(asked).toEqual([]);
    expect(JSON.stringify([report, pipeline.log.lines])).not.toContain('pak_live');
  });

  it.each([
    [401, 'unauthorized', /The API key is missing, malformed, revoked or expired/],
    [403, 'forbidden', /The API key may not do this\. Give the key the scope me\.read: every run begins/],
    [404, 'not_found', /There is no \/me at this address/],
    [302, 'request_refused', /redirects to another address/],
  ])('is answered with %i fails, says what to do, and sends no task', async (status, code, says) => {
    const { pipeline, asked } = pipelineOf(() => json(status, {}));
    const plan = await pipeline.plan();
    expect(plan?.tasks).toEqual([]);
    const report = await pipeline.finish(plan?.runId ?? '');
    expect(report).toMatchObject({ status: 'failed', tables: { campaigns: { error: { code } } } });
    expect(report.tables['leads']?.error?.message).toMatch(says);
    expect(asked).toEqual([me]);
  });
});

describe('a run on an API that is down', () => {
  const refused = () => {
    throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  };

  it.each<[string, () => Response, RegExp]>([
    [
      'cannot be reached',
      refused,
      /The API cannot be reached\. Check the network, and the address of the API: .* The address is https?:\/\/[\w.]+\.$/,
    ],
    [
      'answers 503',
      () => json(503, {}),
      /answered 503\. It failed at \/me, with which every run begins\. Such a request is tried several times/,
    ],
    [
      'answers 500 with a page of a proxy',
      () => new Response('<!doctype html>', { status: 500 }),
      /It failed at \/me, .*The answer is HTML: a proxy or gateway in front of the API may have sent it, and the API may never have seen the request\. Ask whoever runs the proxy of your network/,
    ],
    ['answers with a page for people', () => new Response('<!doctype html>'), /The answer is HTML, not JSON/],
  ])('(it %s) fails its event, says what to do, and sends no task', async (_, answer, says) => {
    const { pipeline, asked } = pipelineOf(answer);
    expect(String(await rejection(pipeline.plan()))).toMatch(says);
    expect(pipeline.queues.length).toBe(0);
    expect(pipeline.store.keys('runs/')).toEqual([]);
    expect(new Set(asked)).toEqual(new Set([me]));
  });

  it.each([
    ['at the third attempt of its event, minutes after the first', {}, 2],
    ['at once if nobody will ask again', { once: true }, 0],
  ])('fails as a run %s, in words and for every table', async (_, request, refusals) => {
    const { pipeline, clock } = pipelineOf(refused);
    const scheduledAt = clock.now().toISOString();
    for (let minutes = 1; minutes <= refusals; minutes += 1) {
      await rejection(pipeline.plan({ scheduledAt, ...request }));
      clock.advance(minutes * 60_000 + 5_000);
    }
    const plan = await pipeline.plan({ scheduledAt, ...request });
    const report = await pipeline.finish(plan?.runId ?? '');
    expect(report).toMatchObject({ status: 'failed', startedAt: clock.now().toISOString() });
    expect(pipeline.problems).toEqual([
      {
        problem: 'RunFailed',
        message: expect.stringMatching(/^The run nightly-\S+ failed\. .*The API cannot be reached\. Check/),
      },
    ]);
  });

  it('goes on as the same run once the event is delivered again and the API is back', async () => {
    let isDown = true;
    const empty = { data: [], pagination: { next_cursor: null, has_more: false } };
    const { pipeline } = pipelineOf(() => (isDown ? json(503, {}) : json(200, empty)));
    await rejection(pipeline.plan());
    isDown = false;
    expect(await pipeline.run()).toMatchObject({ runId: 'nightly-20261124T020000000Z', status: 'complete' });
  });
});

describe('a run at whose start the API asks to wait', () => {
  it('waits and says until when, then reads everything', async () => {
    let isLimited = true;
    const wait = { status: 429, headers: { 'retry-after': '1800' } };
    const empty = { data: [], pagination: { next_cursor: null, has_more: false } };
    const { pipeline, asked, clock } = pipelineOf(() => (isLimited ? Response.json({}, wait) : json(200, empty)));
    const plan = await pipeline.plan();
    expect(asked).toEqual([me]);
    const { until, reason } = JSON.parse(
      Buffer.from((await pipeline.store.get(waitingKey(plan?.runId ?? '')))?.body ?? '').toString(),
    );
    expect(Date.parse(until) - clock.now().getTime()).toBeGreaterThan(1_799_000);
    expect(reason).toMatch(/over its limit a minute/);
    isLimited = false;
    expect(await pipeline.finish(plan?.runId ?? '')).toMatchObject({ status: 'complete' });
  });
});
