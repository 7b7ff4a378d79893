import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpApi, type HttpApiOptions } from '../../lambdas/adapters/http-api.ts';
import { byteText } from '../../lambdas/core/rows/charsets.ts';
import { sendRequest } from '../../lambdas/adapters/send-request.ts';
import { apiCaller, leadsCaller, leadsContext, rejection, visible } from '../support/api-caller.ts';
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

const page = { data: [{ id: 'lead_1', email: 'ada@example.com' }], request_id: 'req_body' };
const secrets = /test-key|ada@example\.com|lead_1/;

const caller = (more: Partial<HttpApiOptions> = {}) => leadsCaller(server.baseUrl, more);

describe('reading from the API', () => {
  it('sends the bearer key, the filled path and the query, and returns the text unchanged', async () => {
    server.script(json(200, page));
    const { api } = caller();
    const parameters = { path: { lead_id: 'a/b ?' }, query: { limit: 5, cursor: 'a&b=c' } };
    const answer = await api.get('/leads/{lead_id}/messages', parameters, leadsContext);
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
      const refused = Object.assign(new Error('about the certificate'), { code });
      const { get } = caller({ send: () => Promise.reject(refused) });
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
      send: async (request, timeoutMilliseconds) => {
        sent.push(options.clock.now());
        const response = await sendRequest(request, timeoutMilliseconds);
        await options.sleep?.(7);
        return response;
      },
    });
    const { askedAt, receivedAt } = await api.get('/leads', {}, leadsContext);
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
    const asked = createHttpApi(options).get('/leads', {}, { ...leadsContext, deadline });
    expect(await rejection(asked)).toMatchObject({ code: 'unavailable' });
    expect(server.seen).toHaveLength(1);
  });

  it('says to check the configuration if nothing listens at the address', async () => {
    const gone = await startScriptedServer();
    await gone.stop();
    const { options } = apiCaller(gone.baseUrl);
    const error = await rejection(createHttpApi(options).get('/leads', {}, leadsContext));
    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('configuration') });
  });
});
