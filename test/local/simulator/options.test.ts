/** Each option of the simulator, by what a reader of its API sees. */

import { describe, expect, it } from 'vitest';
import { encoded } from '../../../local/simulator/encoding.ts';
import type { SimulatorOptions } from '../../../local/simulator/options.ts';
import type { Body } from '../../../local/simulator/paging.ts';
import { Problem } from '../../../local/simulator/problem.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { withSimulator } from '../../support/simulator-client.ts';
import { SimulatedWorkspace } from '../../support/workspace-api.ts';

const minute = 60_000;

function world(options: SimulatorOptions = {}, leads = 40) {
  const clock = new FixedClock('2026-11-24T02:00:00.000Z');
  const api = new SimulatedWorkspace(leads, clock, { pageSize: 10, maxPageSize: 10, ...options });
  const ask = (path: string, query: Record<string, string> = {}) => api.ask(path, new URLSearchParams(query));
  /** Every page of a list. `between` runs between two pages. */
  const pages = async (
    path: string,
    query: Record<string, string> = {},
    between: (page: number) => void = () => {},
  ) => {
    const found: (readonly Record<string, unknown>[])[] = [];
    let cursor: string | null = null;
    for (;;) {
      const body: Body = await ask(path, { ...query, ...(cursor === null ? {} : { cursor }) });
      found.push(Array.isArray(body.data) ? body.data : []);
      cursor = body.pagination?.next_cursor ?? null;
      if (cursor === null) return found;
      between(found.length);
    }
  };
  const ids = async (path: string, query: Record<string, string> = {}, between?: (page: number) => void) =>
    (await pages(path, query, between)).flat().map(({ id }) => String(id));
  return { api, workspace: api.workspace, clock, ask, pages, ids };
}

const statusOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 200,
    (error: unknown) => (error instanceof Problem ? error.status : 'no problem'),
  );

describe('orders', () => {
  it('newest reverses creation; arbitrary is neither of them, and moves a changed row', async () => {
    const created = await world({ order: 'created' }).ids('/referrals');
    expect(await world({ order: 'newest' }).ids('/referrals')).toEqual(created.toReversed());
    const { ids, workspace } = world({ order: 'arbitrary' });
    const before = await ids('/referrals');
    expect(before).not.toEqual(created);
    expect(before.toSorted()).toEqual(created.toSorted());
    workspace.update('referrals', before[0] ?? '', { status: 'changed' });
    const others = (list: string[]) => list.filter((id) => id !== before[0]);
    expect(others(await ids('/referrals'))).toEqual(others(before));
  });

  it('changed puts a changed row at the end of any list', async () => {
    const { ids, workspace } = world({ order: 'changed' });
    const [first] = await ids('/jobs');
    workspace.update('jobs', first ?? '', { status: 'changed' });
    expect((await ids('/jobs')).at(-1)).toBe(first);
  });
});

describe('offset cursors', () => {
  it('miss the neighbor of a row that is deleted while the list is paged, unlike keyset cursors', async () => {
    for (const [cursors, missed] of [
      ['offset', 1],
      ['keyset', 0],
    ] as const) {
      const { ids, workspace, api } = world({ cursors });
      const [, , third] = await ids('/leads');
      const read = await ids('/leads', {}, (page) => {
        if (page === 1) workspace.remove('leads', third ?? '');
      });
      const living = api.rows('leads').map(({ id }) => String(id));
      expect(
        living.filter((id) => !read.includes(id)),
        cursors,
      ).toHaveLength(missed);
    }
  });
});

describe('filters', () => {
  it('in seconds omit changes in the second of their bound', async () => {
    const { workspace, ids } = world({ filterUnit: 'second' });
    const { id } = workspace.create('leads', { updated_at: '2026-11-20T10:00:00.700Z' });
    expect(await ids('/leads', { updated_after: '2026-11-20T10:00:00.100Z' })).not.toContain(id);
    expect(await ids('/leads', { updated_after: '2026-11-20T09:59:59.900Z' })).toContain(id);
  });

  it('use either the shown time, of which null never matches, or the API’s own time', async () => {
    for (const filterBy of ['shown', 'written'] as const) {
      const { workspace, ids } = world({ filterBy });
      const { id } = workspace.create('leads', { updated_at: null });
      expect((await ids('/leads', { updated_after: '2026-11-24T01:00:00Z' })).includes(String(id))).toBe(
        filterBy === 'written',
      );
      expect(await ids('/leads')).toContain(id);
    }
  });
});

describe('a lag', () => {
  it('shows new rows, changes and deletions only after it', async () => {
    const { workspace, ids, ask, clock } = world({ lagMinutes: 90 });
    const [first, second] = await ids('/leads');
    const { id } = workspace.create('leads', {});
    workspace.update('leads', first ?? '', { title: 'Late' });
    workspace.remove('leads', second ?? '');
    const titles = async () => (await ask(`/leads/${first}`)).data;
    expect(await ids('/leads')).toEqual(expect.arrayContaining([second]));
    expect(await ids('/leads')).not.toContain(id);
    expect(await titles()).not.toMatchObject({ title: 'Late' });
    clock.advance(89 * minute);
    expect(await ids('/leads')).not.toContain(id);
    clock.advance(minute);
    expect(await ids('/leads')).toContain(id);
    expect(await ids('/leads')).not.toContain(second);
    expect(await titles()).toMatchObject({ title: 'Late', updated_at: '2026-11-24T02:00:00.000Z' });
  });
});

describe('days of the workspace', () => {
  it('with quiet parents add children without changing their parents', () => {
    const { workspace, clock, api } = world({ quietParents: true });
    const before = JSON.stringify(['leads', 'campaigns', 'prospector_workflows'].map((name) => api.rows(name)));
    const leads = new Set(api.rows('leads').map(({ id }) => id));
    const [activities, logs] = [api.rows('lead_activities').length, api.rows('campaign_logs').length];
    clock.advance(24 * 60 * minute);
    workspace.advance(clock.now());
    expect(api.rows('lead_activities').length).toBeGreaterThan(activities);
    expect(api.rows('campaign_logs').length).toBeGreaterThan(logs);
    const tables = ['leads', 'campaigns', 'prospector_workflows'].map((name) =>
      api.rows(name).filter(({ id }) => name !== 'leads' || leads.has(id)),
    );
    expect(JSON.stringify(tables)).toBe(before);
  });

  it('with losses delete a lead, merge one, and restore one', () => {
    const { workspace, clock, api } = world({ losses: true });
    const ids = () => api.rows('leads').map(({ id }) => String(id));
    const night = () => {
      const before = ids();
      clock.advance(24 * 60 * minute);
      workspace.advance(clock.now());
      return before.filter((id) => !ids().includes(id));
    };
    const gone = night();
    expect(gone).toHaveLength(2);
    night();
    expect(ids()).toEqual(expect.arrayContaining([gone[0]]));
  });
});

describe('a merged row', () => {
  it.each([200, 301, 404] as const)(
    'is answered with %i, and its children belong to the other row',
    async (mergedStatus) => {
      const { workspace, api, ask, ids } = world({ mergedStatus });
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
    const { ids, ask, api } = world({ strayIds: 0.5, strayChildren: 0.5, strayPages: 0.5 });
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
    const { ids, api } = world({ empty: ['jobs'], half: ['referrals'] });
    expect(await ids('/jobs')).toEqual([]);
    expect(await ids('/referrals')).toHaveLength(Math.ceil(api.rows('referrals').length / 2));
    expect(api.simulated.falseAnswers.recorded.map(({ table, what }) => `${table} ${what}`)).toEqual(
      expect.arrayContaining(['jobs empty', 'referrals half']),
    );
  });

  it('come as errors without data', async () => {
    const { ask } = world({ erring: ['jobs'] });
    expect(await ask('/jobs')).toMatchObject({ data: [], errors: [{ code: 'upstream_timeout' }] });
  });
});

describe('pages', () => {
  it('come after the configured number of empty ones, each with its own cursor', async () => {
    const { pages, clock } = world({ emptyPages: 30 });
    const sizes = (await pages('/referrals', {}, () => clock.advance(1))).map(({ length }) => length);
    expect(sizes.filter((size) => size > 0)).toEqual([10]);
    expect(sizes).toHaveLength(31);
  });

  it('of an unpaged list are a single cut page that does not mention others', async () => {
    const { ask } = world({ unpaged: ['leads', 'lead_fields'] });
    expect(await ask('/leads')).not.toHaveProperty('pagination');
    expect((await ask('/leads')).data).toHaveLength(10);
    expect((await ask('/lead-fields')).data).toHaveLength(8);
  });

  it('are refused if their cursor is too old', async () => {
    const { ask, clock } = world({ cursorMinutes: 10, expiredStatus: 410 });
    const cursor = (await ask('/leads')).pagination?.next_cursor ?? '';
    clock.advance(10 * minute);
    expect(await statusOf(ask('/leads', { cursor }))).toBe(200);
    clock.advance(1);
    expect(await statusOf(ask('/leads', { cursor }))).toBe(410);
  });
});

describe('rows', () => {
  it.each([
    ['space', /^"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"$/],
    ['lower', /^"\d{4}-\d\d-\d\dt.*z"$/],
    ['epoch', /^\d{13}$/],
    ['null', /^null$/],
  ] as const)('show their times in the form %s, and the oracle expects it', async (timeForm, form) => {
    const { ask, api } = world({ timeForm });
    const { data } = await ask('/jobs');
    const [row] = Array.isArray(data) ? data : [];
    expect(JSON.stringify(row?.['updated_at'])).toMatch(form);
    expect(api.rows('jobs')[0]).toEqual(row);
  });

  it('have numeric ids, which paths, parents and references accept', async () => {
    const { ids, ask, api } = world({ numericIds: true });
    const [thread] = api.rows('inbox_threads');
    expect(typeof thread?.['id']).toBe('number');
    expect((await ask(`/leads/${String(thread?.['lead_id'])}`)).data).toMatchObject({ id: thread?.['lead_id'] });
    expect(await ids(`/inbox/threads/${String(thread?.['id'])}/messages`)).not.toEqual([]);
    expect(new Set(api.rows('leads').map(({ id }) => id)).size).toBe(40);
  });

  it('of import errors can share a row of the file', () => {
    const { api } = world({ importErrorsPerRow: 3 });
    const counts = Map.groupBy(
      api.rows('import_errors'),
      ({ import_id, row }) => `${String(import_id)} ${String(row)}`,
    );
    expect(Math.max(...Array.from(counts.values(), ({ length }) => length))).toBe(3);
  });
});

describe('a limit', () => {
  it('can be reported as 403 with its own code, and follows the given clock', async () => {
    const clock = new FixedClock('2026-11-24T02:00:00.000Z');
    await withSimulator(
      { leads: 10, requestsPerMinute: 1, limitStatus: 403, now: () => clock.now() },
      async (_, client) => {
        expect((await client.ask('/me')).status).toBe(200);
        const { status, headers, body } = await client.ask('/me');
        expect([status, headers.get('retry-after'), body.error?.['code']]).toEqual([403, '60', 'quota_exceeded']);
        clock.advance(minute);
        expect((await client.ask('/me')).status).toBe(200);
      },
    );
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
