import { describe, expect, it } from 'vitest';
import { streams } from '../../../lambdas/streams/registry.ts';
import { RollingLimit } from '../../../local/simulator/rolling-limit.ts';
import { UsageError } from '../../../local/cli/usage-error.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { withSimulator } from '../../support/simulator-client.ts';

describe('the server', () => {
  it('accepts only its key', () =>
    withSimulator({ leads: 100 }, async (simulator, client) => {
      for (const authorization of ['', 'Bearer', 'Bearer other', `bearer${simulator.apiKey}`]) {
        const { status, body } = await client.ask('/me', { headers: { authorization } });
        expect([status, body.error?.['code']]).toEqual([401, 'unauthorized']);
        expect(body.request_id).toMatch(/^req_/);
      }
      simulator.configure({ apiKey: 'pb2b_live_rotated' });
      expect(simulator.apiKey).toBe('pb2b_live_rotated');
      expect((await client.ask('/me')).status).toBe(200);
    }));

  it('lets a read-only member read but not write', () =>
    withSimulator({ leads: 100, readOnly: true }, async (simulator, client) => {
      const { data } = (await client.ask('/me')).body;
      expect(data).toMatchObject({ read_only: true, role: 'viewer' });
      expect(data?.['scopes']).toEqual(expect.arrayContaining(streams.map(({ scope }) => scope)));
      expect((await client.ask('/leads', { method: 'POST', body: {} })).status).toBe(403);
      expect(simulator.counts()['leads']).toBe(100);
    }));

  it('returns the scopes of the key', () =>
    withSimulator({ leads: 100, scopes: ['me.read', 'leads.read'] }, async (_, client) => {
      expect((await client.ask('/me')).body.data?.['scopes']).toEqual(['me.read', 'leads.read']);
      expect((await client.ask('/jobs')).status).toBe(403);
    }));

  it('answers 404 for an unknown path and 405 for an unknown method', () =>
    withSimulator({ leads: 100 }, async (_, client) => {
      const absent = [
        '/nothing',
        '/leads/x',
        '/leads/%E0%A4%A',
        '/leads/00000000-0000-4000-8000-000000000000/messages',
        '/campaigns/x/logs',
      ];
      for (const path of absent) expect([path, (await client.ask(path)).status]).toEqual([path, 404]);
      const { status, headers } = await client.ask('/leads', { method: 'PUT', body: {} });
      expect([status, headers.get('allow')]).toEqual([405, 'GET, POST']);
    }));

  it('accepts the id of a lead only for leads', () =>
    withSimulator({ leads: 100 }, async (_, client) => {
      const [lead] = await client.rows('/leads');
      expect((await client.ask(`/inbox/threads/${String(lead?.['id'])}`)).status).toBe(404);
      expect((await client.ask(`/leads/${String(lead?.['id']).toUpperCase()}`)).status).toBe(404);
    }));

  it('answers 429 beyond the limit, with and without Retry-After', () =>
    withSimulator({ leads: 100, requestsPerMinute: 3 }, async (simulator, client) => {
      for (let request = 0; request < 3; request += 1) expect((await client.ask('/me')).status).toBe(200);
      const limited = await client.ask('/me');
      expect([limited.status, limited.body.error?.['code']]).toEqual([429, 'rate_limited']);
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(50);
      simulator.configure({ retryAfter: false });
      expect((await client.ask('/me')).headers.get('retry-after')).toBeNull();
      simulator.configure({ requestsPerMinute: 0 });
      expect((await client.ask('/me')).status).toBe(200);
    }));

  it('can answer 403 with a code of its own beyond the limit, and follows the given clock', async () => {
    const clock = new FixedClock('2026-11-24T02:00:00.000Z');
    await withSimulator(
      { leads: 10, requestsPerMinute: 1, limitStatus: 403, now: () => clock.now() },
      async (_, client) => {
        expect((await client.ask('/me')).status).toBe(200);
        const { status, headers, body } = await client.ask('/me');
        expect([status, headers.get('retry-after'), body.error?.['code']]).toEqual([403, '60', 'quota_exceeded']);
        clock.advance(60_000);
        expect((await client.ask('/me')).status).toBe(200);
      },
    );
  });

  it('waits before it answers if it is configured to', () =>
    withSimulator({ leads: 100, latencyMilliseconds: 30 }, async (simulator, client) => {
      await client.ask('/me');
      expect(simulator.requests[0]?.durationMilliseconds).toBeGreaterThanOrEqual(29);
    }));

  it('logs each request, and counts them by operation', () =>
    withSimulator({ leads: 100 }, async (simulator, client) => {
      await client.ask('/leads?limit=2');
      await client.ask('/leads/x');
      await client.ask('/nothing');
      expect(
        simulator.requests.map(({ operation, method, path, query, status }) => [
          operation,
          method,
          path,
          query,
          status,
        ]),
      ).toEqual([
        ['listLeads', 'GET', '/leads', 'limit=2', 200],
        ['retrieveLead', 'GET', '/leads/x', '', 404],
        [null, 'GET', '/nothing', '', 404],
      ]);
      expect(simulator.requestCounts()).toEqual({ listLeads: 1, retrieveLead: 1, none: 1 });
      simulator.clearRequests();
      expect([simulator.requests, simulator.requestCounts()]).toEqual([[], {}]);
    }));

  it('refuses a workspace of an unsupported size', async () => {
    for (const leads of [0, 1_000_001, 100.5])
      await expect(withSimulator({ leads }, async () => {})).rejects.toThrow(UsageError);
  });
});

describe('a rolling limit', () => {
  it('allows the limit in any window, returns the wait, and does not count refused requests', () => {
    const limit = new RollingLimit();
    const at = (now: number) => limit.take(2, 1_000, now);
    expect([at(0), at(400), at(500), at(999), at(1_000), at(1_200), at(1_400)]).toEqual([0, 0, 500, 1, 0, 200, 0]);
  });

  it('of 0 allows everything', () => {
    const limit = new RollingLimit();
    expect([1, 2, 3].map((now) => limit.take(0, 1_000, now))).toEqual([0, 0, 0]);
  });
});
