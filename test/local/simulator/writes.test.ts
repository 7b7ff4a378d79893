import { describe, expect, it } from 'vitest';
import { withSimulator } from '../../support/simulator-client.ts';

const now = new Date('2026-11-03T08:00:00.000Z');
const epochs = [new Date('2026-11-01T03:00:00Z')];
const options = { leads: 300, epochs, now: () => now };
const post = (body: unknown, key?: string) => ({
  method: 'POST',
  body,
  ...(key ? { headers: { 'idempotency-key': key } } : {}),
});

describe('writes', () => {
  it('of a lead show in its own answer, in the list and in the current window, and nowhere else', () =>
    withSimulator(options, async (_, client) => {
      const old = (await client.rows('/leads?limit=500'))[100];
      const path = `/leads/${String(old?.['id'])}`;
      const { body } = await client.ask(path, { method: 'PATCH', body: { title: 'Changed' } });
      const changed = { ...old, title: 'Changed', updated_at: now.toISOString() };
      expect(body.data).toEqual(changed);
      expect((await client.ask(path)).body.data).toEqual(changed);
      const rows = await client.rows('/leads?limit=500');
      expect(rows.filter(({ id }) => id === old?.['id'])).toEqual([changed]);
      expect(rows).toHaveLength(300);
      expect(await client.rows('/leads?updated_after=2026-11-02T00:00:00Z')).toEqual([changed]);
    }));

  it('create a lead at the end of the list, and delete a lead everywhere', () =>
    withSimulator(options, async (simulator, client) => {
      const { data } = (await client.ask('/leads', post({ full_name: 'Ada', notes: 'not shown' }))).body;
      expect(data).toMatchObject({ object: 'lead', full_name: 'Ada', email: null, created_at: now.toISOString() });
      expect(data).not.toHaveProperty('notes');
      expect((await client.rows('/leads?limit=500')).at(-1)).toEqual(data);
      expect(await client.rows(`/leads/${String(data?.['id'])}/activities`)).toEqual([]);
      const [gone] = [...simulator.expectedRows('lead_messages')];
      expect(simulator.deleteLead(String(gone?.['lead_id']))).toBe(true);
      expect(simulator.deleteLead(String(gone?.['lead_id']))).toBe(false);
      expect((await client.ask(`/leads/${String(gone?.['lead_id'])}`)).status).toBe(404);
      expect((await client.ask(`/leads/${String(gone?.['lead_id'])}/messages`)).status).toBe(404);
      expect(simulator.counts()['leads']).toBe(300);
    }));

  it('upsert by id, address and number, among computed and written leads', () =>
    withSimulator(options, async (_, client) => {
      const leads = await client.rows('/leads?limit=500');
      const byEmail = leads.find(({ email }) => email !== null);
      const byPhone = leads.findLast(({ phone }) => phone !== null);
      const upsert = async (fields: object) => (await client.ask('/leads/upsert', post(fields))).body.data?.['id'];
      expect(await upsert({ email: byEmail?.['email'], title: 'A' })).toBe(byEmail?.['id']);
      expect(await upsert({ email: byEmail?.['email'], title: 'B' })).toBe(byEmail?.['id']);
      expect(await upsert({ phone: byPhone?.['phone'] })).toBe(byPhone?.['id']);
      expect(await upsert({ id: leads[7]?.['id'] })).toBe(leads[7]?.['id']);
      const made = await upsert({ email: 'nobody@example.org' });
      expect(leads.map(({ id }) => id)).not.toContain(made);
      expect(await upsert({ email: 'nobody@example.org' })).toBe(made);
      const bulk = (
        await client.ask(
          '/leads/bulk',
          post({ leads: [{ email: 'nobody@example.org' }, { email: 'new@example.org' }] }),
        )
      ).body;
      expect(bulk.data?.[0]?.['id']).toBe(made);
      expect((await client.rows('/leads?limit=500')).length).toBe(302);
    }));

  it('are done once for an Idempotency-Key, and refuse it with another body', () =>
    withSimulator(options, async (simulator, client) => {
      const first = await client.ask('/leads', post({ full_name: 'Once' }, 'key-1'));
      const again = await client.ask('/leads', post({ full_name: 'Once' }, 'key-1'));
      expect(again.body.data).toEqual(first.body.data);
      expect(again.body.request_id).not.toBe(first.body.request_id);
      const other = await client.ask('/leads', post({ full_name: 'Twice' }, 'key-1'));
      expect([other.status, other.body.error?.['code']]).toEqual([409, 'idempotency_conflict']);
      expect(simulator.counts()['leads']).toBe(301);
      expect((await client.ask('/support/tickets', post({ subject: 's' }, 'key-1'))).status).toBe(200);
    }));

  it('are refused without effect if the body cannot be used', () =>
    withSimulator(options, async (simulator, client) => {
      const before = simulator.counts();
      for (const body of ['{', '[]', { full_name: 3 }, { email: 'not an address' }]) {
        expect((await client.ask('/leads', post(body, 'key'))).status).toBe(400);
      }
      expect((await client.ask('/webhooks', post({ url: 'https://example.com', events: ['lead.eaten'] }))).status).toBe(
        400,
      );
      expect(simulator.counts()).toEqual(before);
      expect((await client.ask('/leads', post({ full_name: 'Free again' }, 'key'))).status).toBe(200);
    }));

  it('that delete a workflow delete its runs and their results', () =>
    withSimulator(options, async (_, client) => {
      const [workflow] = await client.rows('/prospector/workflows');
      const [run] = await client.rows(`/prospector/workflows/${String(workflow?.['id'])}/runs`);
      const paths = [`/prospector/runs/${String(run?.['id'])}`, `/prospector/runs/${String(run?.['id'])}/results`];
      for (const path of paths) expect((await client.ask(path)).status).toBe(200);
      await client.ask(`/prospector/workflows/${String(workflow?.['id'])}`, { method: 'DELETE' });
      for (const path of paths) expect((await client.ask(path)).status).toBe(404);
    }));

  it('of workflows, campaigns and runs show in reads', () =>
    withSimulator(options, async (_, client) => {
      const workflow = (await client.ask('/prospector/workflows', post({}))).body.data;
      const id = String(workflow?.['id']);
      const run = (await client.ask(`/prospector/workflows/${id}/run`, post(undefined))).body.data;
      expect(await client.rows(`/prospector/workflows/${id}/runs`)).toEqual([run]);
      expect((await client.ask(`/prospector/runs/${String(run?.['id'])}`)).body.data).toEqual(run);
      await client.ask(`/prospector/workflows/${id}`, { method: 'DELETE' });
      expect((await client.ask(`/prospector/runs/${String(run?.['id'])}`)).status).toBe(404);
      const campaign = (await client.ask('/campaigns', post({}))).body.data;
      const published = await client.ask(
        `/campaigns/${String(campaign?.['id'])}/publish`,
        post({ apply_strategy: 'new' }),
      );
      expect(published.body.data).toMatchObject({ status: 'active', enabled: true });
      expect((await client.rows('/campaigns')).at(-1)).toEqual(published.body.data);
    }));
});
