import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApiClient, requestIdOf } from '../../lambdas/adapters/api-client.ts';
import type { HttpApiOptions } from '../../lambdas/adapters/http-api.ts';
import { apiCaller, rejection, visible } from '../support/api-caller.ts';
import { apiOperations } from '../support/api-operations.ts';
import { ample } from '../support/fixed-clock.ts';
import { html, json, reset, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

const scopes = { read: 'leads.read', write: 'leads.write' };

function caller(more: Partial<HttpApiOptions> = {}) {
  const { options, ...rest } = apiCaller(server.baseUrl, more);
  return { ...rest, client: createApiClient({ ...options, scopes, deadline: ample }) };
}

interface Call {
  readonly params: { path: Record<string, string>; query: Record<string, string>; header: Record<string, string> };
  readonly body?: unknown;
}
type Send = (method: string, path: string, init: Call) => Promise<{ data?: unknown; response: Response }>;
/** The client's method without the types of each operation, so that one loop can call every operation. */
const anyOperation = z.custom<Send>((value) => typeof value === 'function');

const operations = apiOperations();

describe('the typed client', () => {
  it.each(operations)('makes $method $path as the API document says', async (operation) => {
    const { method, path, pathParameters, queryParameters, takesIdempotencyKey, request, answer } = operation;
    server.script(json(200, { ...answer, request_id: 'req_example' }));
    const fill = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, `${name} é/1`]));
    const header: Call['params']['header'] = takesIdempotencyKey ? { 'Idempotency-Key': 'key-1' } : {};
    const params = { path: fill(pathParameters), query: fill(queryParameters), header };
    const send = anyOperation.parse(caller().client.request);
    const { data, response } = await send(
      method.toLowerCase(),
      path,
      request === undefined ? { params } : { params, body: request },
    );

    const [seen, ...more] = server.seen;
    expect(more).toEqual([]);
    const url = new URL(seen?.url ?? '', server.baseUrl);
    expect(seen?.method).toBe(method);
    expect(url.pathname).toBe(path.replaceAll(/\{(\w+)\}/g, '$1%20%C3%A9%2F1'));
    expect(Object.fromEntries(url.searchParams)).toEqual(params.query);
    expect(seen?.headers.authorization).toBe('Bearer test-key-one');
    expect(seen?.headers['idempotency-key']).toBe(takesIdempotencyKey ? 'key-1' : undefined);
    expect(seen?.body === '' ? undefined : JSON.parse(seen?.body ?? '')).toEqual(request);
    expect(data).toEqual({ ...answer, request_id: 'req_example' });
    expect(requestIdOf(response)).toBe('req_example');
  });

  it('takes the request id from the header if the body has none', async () => {
    server.script(json(200, { data: [] }, { 'x-request-id': 'req_header' }));
    const { response } = await caller().client.GET('/api/public/v1/leads');
    expect(requestIdOf(response)).toBe('req_header');
  });
});

describe('a write', () => {
  const body = { full_name: 'Ada', email: 'ada@example.com' };
  const keyed = { params: { header: { 'Idempotency-Key': 'key-7' } }, body };

  it('with an Idempotency-Key is retried after a failure, with the same key and body', async () => {
    server.script(json(503, {}), reset, html(200, 'cut'), json(429, {}), json(200, { data: { id: 'lead_1' } }));
    const { client } = caller();
    const { data } = await client.POST('/api/public/v1/leads', keyed);
    expect(data).toMatchObject({ data: { id: 'lead_1' } });
    expect(server.seen).toHaveLength(5);
    for (const request of server.seen) {
      expect(request.headers['idempotency-key']).toBe('key-7');
      expect(JSON.parse(request.body)).toEqual(body);
    }
    expect(client.counts).toMatchObject({ requests: 5, retries: 4 });
  });

  it.each([
    ['503', json(503, {}), 'unavailable'],
    ['a reset', reset, 'unavailable'],
    ['an answer that is not JSON', html(200, 'cut'), 'malformed_answer'],
    ['429', json(429, {}), 'rate_limited'],
  ])('without one is sent once, whatever the answer: %s', async (_, reply, code) => {
    server.script(reply);
    const { client, log } = caller();
    const error = await rejection(client.POST('/api/public/v1/leads', { body }));
    expect(error).toMatchObject({ code, stream: 'POST /leads' });
    expect(visible(error, log)).not.toMatch(/ada@example|test-key/);
    expect(server.seen.map(({ method }) => method)).toEqual(['POST']);
  });

  it('that sets complete values can be retried: a PATCH', async () => {
    server.script(json(503, {}), json(200, { data: { id: 'lead_1' } }));
    const params = { path: { lead_id: 'lead_1' } };
    await caller().client.PATCH('/api/public/v1/leads/{lead_id}', { params, body: {} });
    expect(server.seen.map(({ method }) => method)).toEqual(['PATCH', 'PATCH']);
  });

  it('is retried with the new key after a 401, because it was not carried out', async () => {
    server.script(json(401, {}), json(200, { data: { id: 'lead_1' } }));
    const { client } = caller({ apiKey: async (fresh) => (fresh ? 'test-key-two' : 'test-key-one') });
    await client.POST('/api/public/v1/leads', keyed);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer test-key-one',
      'Bearer test-key-two',
    ]);
    expect(server.seen.map((request): unknown => JSON.parse(request.body))).toEqual([body, body]);
  });

  it.each([
    [403, 'forbidden', 'leads.write'],
    [409, 'idempotency_conflict', 'another body'],
  ])('that is refused with %i throws the error of the policy', async (status, code, says) => {
    server.script(json(status, { request_id: 'req_no' }));
    const message: unknown = expect.stringContaining(says);
    expect(await rejection(caller().client.POST('/api/public/v1/leads', keyed))).toMatchObject({
      code,
      status,
      message,
      requestId: 'req_no',
    });
  });
});

it('names the read scope if a read is refused with 403', async () => {
  server.script(json(403, { request_id: 'req_no' }));
  expect(await rejection(caller().client.GET('/api/public/v1/leads'))).toMatchObject({
    message: expect.stringContaining('leads.read'),
  });
});

it('refuses a base URL that is not one of the API', () => {
  const { options } = apiCaller('http://user:word@127.0.0.1:1/elsewhere');
  const make = () => createApiClient({ ...options, scopes, deadline: ample });
  expect(make).toThrow(/has to end in/);
  expect(make).not.toThrow(/word/);
});
