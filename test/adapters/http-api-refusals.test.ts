import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpApiOptions, KeyRefusals } from '../../lambdas/adapters/http-api.ts';
import { refusalMetric } from '../../lambdas/contract/metrics.ts';
import { leadsCaller, leadsContext, rejection, visible } from '../support/api-caller.ts';
import { json, type ScriptedServer, startScriptedServer, unending } from '../support/scripted-server.ts';

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.stop());

const page = { data: [{ id: 'lead_1', email: 'ada@example.com' }], request_id: 'req_body' };
const secrets = /test-key|ada@example\.com|lead_1/;

const caller = (more: Partial<HttpApiOptions> = {}) => leadsCaller(server.baseUrl, more);

describe('a refusal', () => {
  const body = { error: { message: 'no, ada@example.com' }, data: [{ id: 'lead_1' }], request_id: 'req_no' };

  it.each([
    [401, 'unauthorized', 'fatal', 'Put a valid key into the secret'],
    [403, 'forbidden', 'terminal', 'leads.read'],
    [404, 'not_found', 'terminal', 'no /leads'],
    [410, 'not_found', 'terminal', 'deleted'],
    [409, 'idempotency_conflict', 'terminal', 'report it to whoever maintains Prospect Lake'],
    [418, 'request_refused', 'terminal', 'report it to whoever maintains Prospect Lake'],
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
    const asked = caller().api.get('/leads/{lead_id}/messages', { path: { lead_id } }, leadsContext);
    expect(await rejection(asked)).toMatchObject({ code: 'request_refused' });
    expect(server.seen).toEqual([]);
  });
});
