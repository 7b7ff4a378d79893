/** Tests each option by which the simulator's answers differ from the truth, from the contract or in form. */

import { describe, expect, it } from 'vitest';
import { encoded } from '../../../local/simulator/encoding.ts';
import { optionsWorld, statusOf } from '../../support/options-world.ts';
import { withSimulator } from '../../support/simulator-client.ts';

describe('a merged row', () => {
  it.each([200, 301, 404] as const)(
    'is answered with %i, and its children belong to the other row',
    async (mergedStatus) => {
      const { workspace, api, ask, ids } = optionsWorld({ mergedStatus });
      const [from, into] = await ids('/leads');
      const messages = api.rows('lead_messages').filter(({ lead_id }) => lead_id === from || lead_id === into).length;
      workspace.merge('leads', from ?? '', into ?? '');
      expect(await statusOf(ask(`/leads/${from}`))).toBe(mergedStatus);
      expect(await statusOf(ask(`/leads/${from}/messages`))).toBe(404);
      expect(await ids(`/leads/${into}/messages`)).toHaveLength(messages);
      workspace.restore('leads', from ?? '');
      expect(await statusOf(ask(`/leads/${from}`))).toBe(200);
      expect(await ids(`/leads/${from}/messages`)).toEqual([]);
    },
  );
});

describe('untrue answers', () => {
  it('deny single rows, their lists and later pages at random, and are recorded', async () => {
    const { ids, ask, api } = optionsWorld({ strayIds: 0.5, strayChildren: 0.5, strayPages: 0.5 });
    const [lead] = api.rows('leads').map(({ id }) => String(id));
    const asked = async (path: string, query?: Record<string, string>) =>
      Promise.all(Array.from({ length: 40 }, async () => statusOf(ask(path, query))));
    const cursor = (await ask('/leads')).pagination?.next_cursor ?? '';
    for (const statuses of [
      await asked(`/leads/${lead}`),
      await asked(`/leads/${lead}/messages`),
      await asked('/leads', { cursor }),
    ])
      expect(new Set(statuses)).toEqual(new Set([200, 404]));
    expect(await ids('/jobs')).not.toEqual([]);
    const { recorded } = api.simulated.falseAnswers;
    expect(new Set(recorded.map(({ table, parent, id }) => `${table} ${parent ?? ''} ${id ?? ''}`))).toEqual(
      new Set([`leads  ${lead}`, `lead_messages ${lead} `]),
    );
  });

  it('return empty or half lists, and only the simulator records that', async () => {
    const { ids, api } = optionsWorld({ empty: ['jobs'], half: ['referrals'] });
    expect(await ids('/jobs')).toEqual([]);
    expect(await ids('/referrals')).toHaveLength(Math.ceil(api.rows('referrals').length / 2));
    expect(api.simulated.falseAnswers.recorded.map(({ table, what }) => `${table} ${what}`)).toEqual(
      expect.arrayContaining(['jobs empty', 'referrals half']),
    );
  });

  it('come as errors without data', async () => {
    const { ask } = optionsWorld({ erring: ['jobs'] });
    expect(await ask('/jobs')).toMatchObject({ data: [], errors: [{ code: 'upstream_timeout' }] });
  });
});

describe('rows', () => {
  it.each([
    ['space', /^"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"$/],
    ['lower', /^"\d{4}-\d\d-\d\dt.*z"$/],
    ['epoch', /^\d{13}$/],
    ['null', /^null$/],
  ] as const)('show their times in the form %s, and the oracle expects it', async (timeForm, form) => {
    const { ask, api } = optionsWorld({ timeForm });
    const { data } = await ask('/jobs');
    const [row] = Array.isArray(data) ? data : [];
    expect(JSON.stringify(row?.['updated_at'])).toMatch(form);
    expect(api.rows('jobs')[0]).toEqual(row);
  });

  it('have numeric ids, which paths, parents and references accept', async () => {
    const { ids, ask, api } = optionsWorld({ numericIds: true });
    const [thread] = api.rows('inbox_threads');
    expect(typeof thread?.['id']).toBe('number');
    expect((await ask(`/leads/${String(thread?.['lead_id'])}`)).data).toMatchObject({ id: thread?.['lead_id'] });
    expect(await ids(`/inbox/threads/${String(thread?.['id'])}/messages`)).not.toEqual([]);
    expect(new Set(api.rows('leads').map(({ id }) => id)).size).toBe(40);
  });

  it('of leads have two fields that the contract does not name, if asked for', async () => {
    const { ids, ask, api } = optionsWorld({ customFields: true });
    const leads = api.rows('leads');
    for (const { lead_score: score } of leads) expect(Number.isInteger(score)).toBe(true);
    expect(leads.some(({ taxId }) => taxId === null)).toBe(true);
    expect(leads.some(({ taxId }) => /^DE\d{9}$/.test(String(taxId)))).toBe(true);
    const [first = ''] = await ids('/leads');
    expect((await ask(`/leads/${first}`)).data).toEqual(leads.find(({ id }) => id === first));
    expect(optionsWorld().api.rows('leads')[0]).not.toHaveProperty('taxId');
  });

  it('of import errors can share a row of the file', () => {
    const { api } = optionsWorld({ importErrorsPerRow: 3 });
    const counts = Map.groupBy(
      api.rows('import_errors'),
      ({ import_id, row }) => `${String(import_id)} ${String(row)}`,
    );
    expect(Math.max(...Array.from(counts.values(), ({ length }) => length))).toBe(3);
  });
});

describe('charsets', () => {
  const text = JSON.stringify({ name: 'José “Zoë” €5 – 小明 🚀', plain: 'ok' });

  it.each(['utf-8', 'iso-8859-1', 'windows-1252', 'utf-16le'] as const)('%s says the same', (charset) => {
    const decoded = new TextDecoder(charset).decode(encoded(text, charset));
    expect(JSON.parse(decoded)).toEqual(JSON.parse(text));
  });

  it('are declared by the answer, and have other bytes than UTF-8', () =>
    withSimulator({ leads: 200, charset: 'iso-8859-1' }, async (simulator) => {
      const answer = await fetch(`${simulator.baseUrl}/leads?limit=200`, {
        headers: { authorization: `Bearer ${simulator.apiKey}` },
      });
      expect(answer.headers.get('content-type')).toBe('application/json; charset=iso-8859-1');
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow(TypeError);
      const { data } = JSON.parse(new TextDecoder('latin1').decode(bytes)) as { data: unknown[] };
      expect(data).toEqual([...simulator.expectedRows('leads')]);
    }));
});
