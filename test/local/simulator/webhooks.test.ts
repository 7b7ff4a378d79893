import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { signatureOf } from '../../../local/simulator/signature.ts';
import { type Fields, withSimulator } from '../../support/simulator-client.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A local endpoint that answers as a test says. */
async function withEndpoint(
  test: (endpoint: { url: string; received: Received[]; status: number }) => Promise<void>,
): Promise<void> {
  const endpoint = { url: '', received: [] as Received[], status: 204 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      endpoint.received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(endpoint.status, { 'x-endpoint': 'test' }).end(endpoint.status === 204 ? undefined : 'no');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  try {
    await test(endpoint);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const now = new Date('2026-11-24T10:00:00.500Z');

describe('a signature', () => {
  it('is what openssl computes', () => {
    // printf '%s' '1710000000.{"name":"Zoë 🚀"}' | openssl dgst -sha256 -hmac whsec_test
    expect(signatureOf('whsec_test', 1_710_000_000, '{"name":"Zoë 🚀"}')).toBe(
      'v1=c6b3ec2791b349b4780c3547243a1b0ad0d48ed8e4c95370e61d00779386f579',
    );
  });
});

describe('a webhook endpoint', () => {
  it.each(['signing_secret', 'secret', 'none'] as const)('shows its secret once, as %s', (secretField) =>
    withSimulator({ leads: 100, secretField }, async (_, client) => {
      const asked = {
        method: 'POST',
        body: { url: 'https://example.com/hook', description: 'd', events: ['lead.created'] },
      };
      const { data } = (await client.ask('/webhooks', asked)).body;
      const { signing_secret, secret, ...shown }: Fields = data ?? {};
      const given = [signing_secret, secret].filter(Boolean);
      expect(given).toHaveLength(secretField === 'none' ? 0 : 1);
      for (const value of given) expect(value).toBe(data?.[secretField]);
      expect(shown['signing_secret_prefix']).toMatch(/^whsec_\w{4}$/);
      if (given[0]) expect(String(given[0]).startsWith(String(shown['signing_secret_prefix']))).toBe(true);
      expect((await client.ask(`/webhooks/${String(shown['id'])}`)).body.data).toEqual(shown);
      expect((await client.rows('/webhooks')).at(-1)).toEqual(shown);
    }),
  );

  it('receives its events, signed over the raw body', () =>
    withEndpoint((endpoint) =>
      withSimulator({ leads: 100, now: () => now }, async (simulator, client) => {
        const { id } = simulator.registerWebhook({
          url: endpoint.url,
          events: ['lead.updated'],
          secret: 'whsec_known_secret',
        });
        expect(await simulator.emit('lead.created', 'lead-1')).toEqual([]);
        const [delivery] = await simulator.emit('lead.updated', 'lead-1');
        const [sent] = endpoint.received;
        expect(endpoint.received).toHaveLength(1);
        expect(JSON.parse(sent?.body ?? '')).toMatchObject({
          event: 'lead.updated',
          data: { id: 'lead-1', object: 'lead' },
        });
        expect(sent?.headers).toMatchObject({
          'x-prospectb2b-event': 'lead.updated',
          'x-prospectb2b-delivery': delivery?.['id'],
          'x-prospectb2b-timestamp': '1795514400',
          'x-prospectb2b-signature': signatureOf('whsec_known_secret', 1_795_514_400, sent?.body ?? ''),
        });
        expect(delivery).toMatchObject({
          status: 'delivered',
          response_status_code: 204,
          attempt_count: 1,
          delivered_at: now.toISOString(),
        });
        expect(await client.rows(`/webhooks/${String(id)}/deliveries`)).toEqual([delivery]);
        expect((await client.ask(`/webhooks/${String(id)}`)).body.data?.['last_delivered_at']).toBe(now.toISOString());
      }),
    ));

  it('receives a failed delivery again on request, with the same id and body', () =>
    withEndpoint((endpoint) =>
      withSimulator({ leads: 100 }, async (simulator, client) => {
        const { id } = simulator.registerWebhook({
          url: endpoint.url,
          events: ['lead.updated'],
          secret: 'whsec_known_secret',
        });
        endpoint.status = 503;
        const [failed] = await simulator.emit('lead.updated', 'lead-1');
        expect(failed).toMatchObject({
          status: 'failed',
          response_status_code: 503,
          response_body_snippet: 'no',
          delivered_at: null,
        });
        endpoint.status = 200;
        const path = `/webhooks/${String(id)}/deliveries/${String(failed?.['id'])}`;
        const { data } = (await client.ask(`${path}/retry`, { method: 'POST' })).body;
        expect(data).toMatchObject({ id: failed?.['id'], status: 'delivered', attempt_count: 2, error_message: null });
        expect((await client.ask(path)).body.data).toEqual(data);
        const [first, second] = endpoint.received;
        expect([second?.body, second?.headers['x-prospectb2b-delivery']]).toEqual([
          first?.body,
          first?.headers['x-prospectb2b-delivery'],
        ]);
      }),
    ));

  it('receives nothing if its address is not on this machine', () =>
    withSimulator({ leads: 100 }, async (simulator) => {
      for (const url of [
        'https://example.com/hook',
        'http://127.0.0.1.example.com/',
        'http://10.0.0.1/',
        'ftp://127.0.0.1/',
      ]) {
        simulator.registerWebhook({ url, events: ['import.failed'], secret: 'whsec_known_secret' });
      }
      const deliveries = await simulator.emit('import.failed');
      expect(deliveries).toHaveLength(4);
      for (const delivery of deliveries)
        expect(delivery).toMatchObject({ status: 'failed', response_status_code: null });
    }));

  it('can receive a body of any shape, and one without an id', () =>
    withEndpoint((endpoint) =>
      withSimulator(
        { leads: 100, eventBody: (event, id) => ({ kind: event, ...(id ? { lead: { lead_id: id } } : {}) }) },
        async (simulator) => {
          simulator.registerWebhook({ url: endpoint.url, events: ['lead.created'], secret: 'whsec_known_secret' });
          await simulator.emit('lead.created', 'a');
          await simulator.emit('lead.created');
          expect(endpoint.received.map(({ body }) => body)).toEqual([
            '{"kind":"lead.created","lead":{"lead_id":"a"}}',
            '{"kind":"lead.created"}',
          ]);
        },
      ),
    ));

  it('can be changed, and is deleted with its deliveries', () =>
    withSimulator({ leads: 100 }, async (_, client) => {
      const { data } = (
        await client.ask('/webhooks', {
          method: 'POST',
          body: { url: 'https://example.com/a', events: ['lead.created'] },
        })
      ).body;
      const path = `/webhooks/${String(data?.['id'])}`;
      const changed = await client.ask(path, { method: 'PATCH', body: { url: 'https://example.com/b' } });
      expect(changed.body.data).toMatchObject({ url: 'https://example.com/b', events: ['lead.created'] });
      expect((await client.ask(path, { method: 'DELETE' })).status).toBe(200);
      expect((await client.ask(path)).status).toBe(404);
      expect((await client.ask(`${path}/deliveries`)).status).toBe(404);
      expect(await client.rows('/webhooks')).toHaveLength(2);
    }));

  it('does not show a delivery of another endpoint as its own', () =>
    withSimulator({ leads: 100 }, async (_, client) => {
      const [first, second] = await client.rows('/webhooks');
      const [delivery] = await client.rows(`/webhooks/${String(first?.['id'])}/deliveries`);
      expect(
        (await client.ask(`/webhooks/${String(first?.['id'])}/deliveries/${String(delivery?.['id'])}`)).status,
      ).toBe(200);
      expect(
        (await client.ask(`/webhooks/${String(second?.['id'])}/deliveries/${String(delivery?.['id'])}`)).status,
      ).toBe(404);
    }));
});
