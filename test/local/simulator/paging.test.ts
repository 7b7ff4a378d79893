import { describe, expect, it } from 'vitest';
import { type Fields, withSimulator } from '../../support/simulator-client.ts';

const epochs = [new Date('2026-11-01T03:00:00Z'), new Date('2026-11-02T03:00:00Z')];
const ids = (rows: readonly Fields[]) => rows.map(({ id }) => String(id));
const times = (rows: readonly Fields[], field: string) => rows.map((row) => Date.parse(String(row[field])));

describe('pages', () => {
  it.each([1, 7, 100, 499])('of %i leads contain each lead once, in the order of its last change', (limit) =>
    withSimulator({ leads: 499, epochs }, async (simulator, client) => {
      const rows = await client.rows(`/leads?limit=${limit}`);
      expect(new Set(ids(rows)).size).toBe(rows.length);
      expect(rows).toHaveLength(simulator.counts()['leads'] ?? 0);
      expect(times(rows, 'updated_at')).toEqual(times(rows, 'updated_at').toSorted((a, b) => a - b));
    }),
  );

  it('end without an empty page if the rows fill them exactly', () =>
    withSimulator({ leads: 200 }, async (_, client) => {
      const sizes: number[] = [];
      for await (const page of client.pages('/leads?limit=100')) sizes.push(page.length);
      expect(sizes).toEqual([100, 100]);
    }));

  it('honor limit only where the contract documents it, up to the maximum', () =>
    withSimulator({ leads: 2_000 }, async (_, client) => {
      const size = async (path: string) => (await client.ask(path)).body.data?.length;
      const [campaign] = await client.rows('/campaigns');
      expect(await size('/leads?limit=3')).toBe(3);
      expect(await size('/inbox/threads?limit=4')).toBe(4);
      expect(await size('/leads?limit=1000')).toBe(500);
      expect(await size('/leads')).toBe(100);
      expect(await size(`/campaigns/${String(campaign?.['id'])}/logs?limit=3`)).toBe(100);
    }));

  it('are several for a campaign’s logs and a busy lead’s activities', () =>
    withSimulator({ leads: 100 }, async (simulator, client) => {
      const most = (table: string, key: string) => {
        const counts = Map.groupBy(simulator.expectedRows(table), (row) => String(row[key]));
        return [...counts].toSorted((a, b) => b[1].length - a[1].length)[0] ?? ['', []];
      };
      const [campaign, logs] = most('campaign_logs', 'campaign_id');
      const [lead, activities] = most('lead_activities', 'lead_id');
      expect(logs.length).toBeGreaterThan(300);
      expect(ids(await client.rows(`/campaigns/${campaign}/logs`))).toEqual(ids(logs));
      expect(ids(await client.rows(`/leads/${lead}/activities?limit=50`))).toEqual(ids(activities));
    }));

  it('refuse an invalid limit, time or cursor, and a cursor of another list', () =>
    withSimulator({ leads: 200 }, async (_, client) => {
      const { body } = await client.ask('/leads');
      const foreign = body.pagination?.next_cursor ?? '';
      for (const path of [
        '/leads?limit=0',
        '/leads?limit=x',
        '/leads?cursor=x',
        '/leads?updated_after=yesterday',
        `/jobs?cursor=${foreign}`,
      ]) {
        const { status, body: refusal } = await client.ask(path);
        expect([path, status, refusal.error?.['code']]).toEqual([path, 400, 'invalid_request']);
      }
    }));

  it('miss and repeat nothing while other leads are changed, created and deleted', () =>
    withSimulator({ leads: 300 }, async (simulator, client) => {
      const before = ids([...simulator.expectedRows('leads')]);
      const read: string[] = [];
      let page = 0;
      for await (const rows of client.pages('/leads?limit=20&updated_before=2100-01-01T00:00:00Z')) {
        read.push(...ids(rows));
        page += 1;
        if (page > 10) continue;
        simulator.deleteLead(before[page * 20 - 5] ?? '');
        simulator.updateLead(before[page * 20 - 10] ?? '', { title: `Changed on page ${page}` });
        simulator.createLead();
      }
      const repeated = Map.groupBy(read, (id) => id);
      const now = ids([...simulator.expectedRows('leads')]);
      expect(now.filter((id) => !repeated.has(id))).toEqual([]);
      const twice = [...repeated].filter(([, times]) => times.length > 1).map(([id]) => id);
      expect(twice.toSorted()).toEqual(
        Array.from({ length: 10 }, (_, index) => before[(index + 1) * 20 - 10] ?? '').toSorted(),
      );
    }));
});

describe('the time filters of leads', () => {
  const bounds = ['2024-12-01', '2025-06-15', '2026-02-01', '2026-10-31', '2026-11-02'].map(
    (day) => `${day}T03:00:00.000Z`,
  );

  it.each(['updated', 'created'])('split the leads by %s_at into windows without gap or overlap', (field) =>
    withSimulator({ leads: 400, epochs, afterInclusive: true }, async (simulator, client) => {
      const all: string[] = [];
      for (const [index, to] of [...bounds, undefined].entries()) {
        const from = bounds[index - 1];
        const query = [from ? `${field}_after=${from}` : '', to ? `${field}_before=${to}` : '']
          .filter(Boolean)
          .join('&');
        const rows = await client.rows(`/leads?limit=60&${query}`);
        for (const time of times(rows, `${field}_at`)) {
          if (from) expect(time).toBeGreaterThanOrEqual(Date.parse(from));
          if (to) expect(time).toBeLessThan(Date.parse(to));
        }
        all.push(...ids(rows));
      }
      expect(all.toSorted()).toEqual(ids([...simulator.expectedRows('leads')]).toSorted());
    }),
  );

  it.each(['updated', 'created'])('include or exclude their own instant of %s_at as configured', (field) =>
    withSimulator({ leads: 100 }, async (simulator, client) => {
      const lead = [...simulator.expectedRows('leads')][50];
      const found = async (bound: string) =>
        ids(await client.rows(`/leads?${field}_${bound}=${String(lead?.[`${field}_at`])}`)).includes(
          String(lead?.['id']),
        );
      expect([await found('after'), await found('before')]).toEqual([false, false]);
      simulator.configure({ afterInclusive: true });
      expect([await found('after'), await found('before')]).toEqual([true, false]);
      simulator.configure({ afterInclusive: false, beforeInclusive: true });
      expect([await found('after'), await found('before')]).toEqual([false, true]);
    }),
  );

  it('can be combined, also for changed leads, and accept offsets', () =>
    withSimulator({ leads: 400, epochs }, async (simulator, client) => {
      const query = {
        updated_after: '2026-03-01T02:00:00+02:00',
        created_after: '2025-12-01T00:00:00Z',
        created_before: '2026-06-01T00:00:00Z',
      };
      const rows = await client.rows(`/leads?${new URLSearchParams(query).toString()}`);
      const expected = [...simulator.expectedRows('leads')].filter(
        ({ created_at, updated_at }) =>
          String(updated_at) > '2026-03-01T00:00:00' &&
          String(created_at) > query.created_after &&
          String(created_at) < query.created_before,
      );
      expect(expected.length).toBeGreaterThan(50);
      expect(ids(rows)).toEqual(ids(expected));
    }));
});
