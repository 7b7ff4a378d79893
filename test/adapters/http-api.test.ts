import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpApi, type HttpApiOptions, KeyRefusals } from '../../lambdas/adapters/http-api.ts';
import { refusalMetric } from '../../lambdas/contract/metrics.ts';
import { byteText } from '../../lambdas/core/rows/charsets.ts';
import { apiCaller, rejection, visible } from '../support/api-caller.ts';
import { ample } from '../support/fixed-clock.ts';
import {
  cutOff,
  html,
  json,
  reset,
  type ScriptedServer,
  startScriptedServer,
  unending,
} from '../support/scripted-server.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

const context = { stream: 'leads', scope: 'leads.read', deadline: ample };
const page = { data: [{ id: 'lead_1', email: 'ada@example.com' }], request_id: 'req_body' };
const secrets = /test-key|ada@example\.com|lead_1/;

function caller(more: Partial<HttpApiOptions> = {}) {
  const { options, ...rest } = apiCaller(server.baseUrl, more);
  const api = createHttpApi(options);
  return { ...rest, options, api, get: async () => api.get('/leads', { query: { limit: 100 } }, context) };
}

describe('reading from the API', () => {
  it('sends the bearer key, the filled path and the query, and returns the text unchanged', async () => {
    server.script(json(200, page));
    const { api } = caller();
    const parameters = { path: { lead_id: 'a/b ?' }, query: { limit: 5, cursor: 'a&b=c' } };
    const answer = await api.get('/leads/{lead_id}/messages', parameters, context);
    expect(server.seen).toMatchObject([
      { method: 'GET', url: '/api/public/v1/leads/a%2Fb%20%3F/messages?limit=5&cursor=a%26b%3Dc' },
    ]);
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Bearer test-key-one', accept: 'application/json' });
    expect(answer).toMatchObject({ body: JSON.stringify(page), requestId: 'req_body' });
    expect(api.counts).toEqual({ requests: 1, retries: 0 });
  });

  it.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    'says what to do about a certificate that is not trusted (%s)',
    async (code) => {
      const cause = Object.assign(new Error('about the certificate'), { code });
      const { get } = caller({ fetch: () => Promise.reject(new TypeError('fetch failed', { cause })) });
      expect(await rejection(get())).toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      });
    },
  );

  it.each([
    ['the body, before the header', page, { 'x-request-id': 'req_header' }, 'req_body'],
    ['the header, where the body has none', { data: [] }, { 'x-request-id': 'req_header' }, 'req_header'],
    ['neither', { data: [{ request_id: 'of_a_row' }], more: 1 }, {}, null],
  ])('takes the request id from %s', async (_, body, headers, requestId) => {
    server.script(json(200, body, headers));
    expect(await caller().get()).toMatchObject({ requestId });
  });

  it('returns the time of the request that succeeded, not of the first one', async () => {
    server.script(json(429, {}, { 'retry-after': '3' }), json(200, page));
    const sent: Date[] = [];
    const { api, options } = caller({
      fetch: async (request, init) => {
        sent.push(options.clock.now());
        const response = await fetch(request, init);
        await options.sleep?.(7);
        return response;
      },
    });
    const { askedAt, receivedAt } = await api.get('/leads', {}, context);
    expect(askedAt).toEqual(sent[1]);
    expect(receivedAt.getTime()).toBe(askedAt.getTime() + 7);
  });
});

describe('an answer', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('is unpacked if it is packed as %s', async (encoding, pack) => {
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
      response.end(pack(JSON.stringify(page)));
    });
    expect(await caller().get()).toMatchObject({ body: JSON.stringify(page) });
  });
});

describe('the charset of an answer', () => {
  const names = { data: [{ full_name: 'José' }] };

  it('is the one that the answer declares', async () => {
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=iso-8859-1' });
      response.end(Buffer.from(JSON.stringify(names), 'latin1'));
    });
    expect(await caller().get()).toMatchObject({ body: byteText(Buffer.from(JSON.stringify(names))) });
  });

  it('is left alone if it is unknown: bytes that are not UTF-8 are kept and counted when rows are made of them', async () => {
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=klingon' }).end(JSON.stringify(names));
    });
    expect(await caller().get()).toMatchObject({ body: byteText(Buffer.from(JSON.stringify(names))) });
  });
});

it('a resource that is permanently deleted is distinguished from a possible mistake', async () => {
  server.script(json(410, {}), json(404, {}));
  const { get } = caller();
  expect(await rejection(get())).toMatchObject({ isGone: true });
  expect(await rejection(get())).toMatchObject({ isGone: false });
});

describe('a temporary failure', () => {
  it.each([
    ['answers of 500, 502 and 503', [json(500, {}), json(502, {}), json(503, {})]],
    ['resets', [reset, reset, reset]],
    ['an answer that is cut off', [cutOff('{"data": [')]],
    ['a page of HTML with 200', [html(200, '<html>hello</html>')]],
    ['a page of HTML with 500', [html(500, '<html>oops</html>')]],
    ['JSON that is not an object', [json(200, ['ada@example.com'])]],
    ['a list of errors in place of rows', [json(200, { data: [], errors: [{ message: 'ada@example.com' }] })]],
    ['truncated JSON with a matching length', [html(200, '{"data": [{"email": "ada@')]],
  ])('is retried: %s', async (_, failures) => {
    const [first = reset, ...more] = failures;
    server.script(first, ...more, json(200, page));
    const { get, waits, api } = caller();
    expect(await get()).toMatchObject({ body: JSON.stringify(page) });
    expect(waits).toEqual([125, 250, 500].slice(0, failures.length));
    expect(api.counts).toEqual({ requests: failures.length + 1, retries: failures.length });
  });

  it('is retried: an unfinished answer', async () => {
    server.script(unending('{"data": ['), json(200, page));
    expect(await caller({ requestTimeoutMilliseconds: 150 }).get()).toMatchObject({ requestId: 'req_body' });
    expect(server.seen).toHaveLength(2);
  });

  it.each([
    ['500', json(500, { request_id: 'req_500' }), { code: 'unavailable', status: 500, requestId: 'req_500' }],
    ['a reset', reset, { code: 'unavailable' }],
    ['a cut answer', cutOff(JSON.stringify(page)), { code: 'unavailable' }],
    ['HTML with 200', html(200, '<p>ada@example.com</p>'), { code: 'malformed_answer', status: 200 }],
    ['HTML with 500', html(500, '<p>ada@example.com</p>'), { code: 'unavailable', status: 500 }],
    [
      'a login page',
      html(200, '<!doctype html>'),
      { message: expect.stringContaining('The answer is HTML, not JSON') },
    ],
    ['errors in place of rows', json(200, { data: [], errors: ['lead_1'] }), { code: 'unavailable', status: 200 }],
  ])('is an error after four retries: %s', async (_, reply, expected) => {
    server.script(reply);
    const { get, log } = caller();
    const error = await rejection(get());
    expect(error).toMatchObject({ ...expected, disposition: 'transient', stream: 'leads' });
    expect(server.seen).toHaveLength(5);
    expect(visible(error, log)).not.toMatch(secrets);
  });

  it('is an error at once if the invocation ends before another attempt', async () => {
    server.script(json(503, {}));
    const { options } = apiCaller(server.baseUrl);
    const deadline = { remainingMilliseconds: () => 25_100 };
    const asked = createHttpApi(options).get('/leads', {}, { ...context, deadline });
    expect(await rejection(asked)).toMatchObject({ code: 'unavailable' });
    expect(server.seen).toHaveLength(1);
  });

  it('says to check the configuration if nothing listens at the address', async () => {
    const gone = await startScriptedServer();
    await gone.stop();
    const { options } = apiCaller(gone.baseUrl);
    const error = await rejection(createHttpApi(options).get('/leads', {}, context));
    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('configuration') });
  });
});

describe('a refusal', () => {
  const body = { error: { message: 'no, ada@example.com' }, data: [{ id: 'lead_1' }], request_id: 'req_no' };

  it.each([
    [401, 'unauthorized', 'fatal', 'Put a valid key into the secret'],
    [403, 'forbidden', 'terminal', 'leads.read'],
    [404, 'not_found', 'terminal', 'no such resource'],
    [410, 'not_found', 'terminal', 'deleted'],
    [409, 'idempotency_conflict', 'terminal', 'report it'],
    [418, 'request_refused', 'terminal', 'refused the request'],
  ])('of %i is an error at once that says what to do, without the content of the answer', async (...row) => {
    const [status, code, disposition, advice] = row;
    server.script(json(status, body));
    const { get, log } = caller();
    const error = await rejection(get());
    const message: unknown = expect.stringContaining(advice);
    expect(error).toMatchObject({ code, disposition, status, requestId: 'req_no', stream: 'leads', message });
    expect(server.seen).toHaveLength(1);
    expect(visible(error, log)).not.toMatch(secrets);
  });

  it.each([401, 403, 429])('of %i is counted each time, unlike other answers', async (status) => {
    const name = refusalMetric(status) ?? '';
    const refused = json(status, body, status === 429 ? { 'retry-after': '1' } : {});
    server.script(json(500, {}), refused, ...(status === 429 ? [refused, json(404, body)] : [json(404, body)]));
    const { get, metrics } = caller();
    await rejection(get());
    expect(metrics.counts).toEqual(new Map([[name, status === 429 ? 2 : 1]]));
  });

  it('of the key stops every request of the process with that key for a minute', async () => {
    server.script(json(401, body));
    const shared = { refusals: new KeyRefusals() };
    const { get, options } = caller(shared);
    await rejection(get());
    expect(await rejection(caller({ ...shared, clock: options.clock }).get())).toMatchObject({ code: 'unauthorized' });
    expect(server.seen).toHaveLength(1);
    server.script(json(200, page));
    await options.sleep?.(60_000);
    expect(await get()).toMatchObject({ requestId: 'req_body' });
  });

  it('of a rotated key leads to one more attempt with the new key', async () => {
    server.script((response, request) =>
      json(request.headers.authorization === 'Bearer test-key-two' ? 200 : 401, page)(response, request),
    );
    const { get } = caller({ apiKey: async (fresh) => (fresh ? 'test-key-two' : 'test-key-one') });
    expect(await get()).toMatchObject({ requestId: 'req_body' });
    expect(server.seen).toHaveLength(2);
  });

  it('of the new key as well is final', async () => {
    server.script(json(401, body));
    const { get } = caller({ apiKey: async (fresh) => (fresh ? 'test-key-two' : 'test-key-one') });
    expect(await rejection(get())).toMatchObject({ code: 'unauthorized' });
    expect(server.seen).toHaveLength(2);
  });

  it('comes before any request if the key cannot be in a header, and does not quote it', async () => {
    server.script(json(200, page));
    const { get, log } = caller({ apiKey: async () => 'test-key\nsecond line' });
    const error = await rejection(get());
    expect(error).toMatchObject({ code: 'unauthorized', disposition: 'fatal' });
    expect(visible(error, log)).not.toMatch(secrets);
    expect(server.seen).toHaveLength(0);
  });

  it('also applies to a redirect: the key goes to no other address', async () => {
    const elsewhere = await startScriptedServer();
    elsewhere.script(json(200, page));
    server.script(json(302, {}, { location: `${elsewhere.baseUrl}/leads` }));
    expect(await rejection(caller().get())).toMatchObject({ code: 'request_refused', status: 302 });
    expect(elsewhere.seen).toEqual([]);
    await elsewhere.stop();
  });

  it('also applies to an answer that is too large, which is not read to its end', async () => {
    server.script(unending(JSON.stringify({ data: 'x'.repeat(5_000) })));
    const error = await rejection(caller({ maxBodyBytes: 4_096 }).get());
    const message: unknown = expect.stringContaining('pageSize');
    expect(error).toMatchObject({ code: 'answer_too_large', message });
    expect(server.seen).toHaveLength(1);
  });

  it('also applies to an answer that unpacks to too much, whatever its size on the wire', async () => {
    const bomb = gzipSync(JSON.stringify({ data: 'x'.repeat(10_000_000) }));
    server.script((response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    expect(await rejection(caller({ maxBodyBytes: 100_000 }).get())).toMatchObject({ code: 'answer_too_large' });
    expect(bomb.byteLength).toBeLessThan(100_000);
  });

  it.each(['', '..', '.'])('comes before any request if a path would lead elsewhere: %j', async (lead_id) => {
    server.script(json(200, page));
    const asked = caller().api.get('/leads/{lead_id}/messages', { path: { lead_id } }, context);
    expect(await rejection(asked)).toMatchObject({ code: 'request_refused' });
    expect(server.seen).toEqual([]);
  });
});
