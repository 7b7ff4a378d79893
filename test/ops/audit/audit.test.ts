/** Damages the tables on purpose, and compares what the audit reports with the rows themselves. */

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ForbiddenError, NotFoundError, UnauthorizedError } from '../../../lambdas/core/errors.ts';
import type { PersonalChoice } from '../../../lambdas/contract/personal-data.ts';
import { createColumnMask } from '../../../lambdas/core/rows/mask-columns.ts';
import type { AuditPage } from '../../../ops/audit/audit.ts';
import { auditData, auditLines } from '../../../ops/audit/audit-lines.ts';
import { verdictOf } from '../../../ops/audit/verdict.ts';
import { AuditWorld, hour, noDifferences, differencesIn, inPipe } from '../../support/audit-world.ts';

const names = ['lead_messages', 'inbox_messages', 'campaign_run_events', 'import_errors', 'referrals', 'exports'];
let world: AuditWorld;

beforeEach(async () => {
  world = new AuditWorld(names);
  await world.load();
});

/** A time 25 hours ago, before the last update of the tables. */
const lately = () => new Date(world.clock.now().getTime() - 25 * hour).toISOString();
const first = (table: string) => String(world.workspace.rows(table)[0]?.['id']);

describe('an audit', () => {
  it('says that a lake without faults matches the API', async () => {
    const found = await world.audit();
    expect(differencesIn(found)).toEqual(noDifferences);
    expect(verdictOf(found)).toBe('clean');
    expect(found.tables.map(({ table }) => table)).toEqual(expect.arrayContaining(names));
    for (const { table, lakeRows, apiRows } of found.tables)
      expect([table, lakeRows, apiRows]).toEqual([
        table,
        world.workspace.rows(table).length,
        world.workspace.rows(table).length,
      ]);
  });

  it('estimates its requests, and makes about as many', async () => {
    await world.audit();
    expect(world.asked.length).toBeGreaterThan(10);
    expect(world.estimate / world.asked.length).toBeGreaterThan(0.7);
    expect(world.estimate / world.asked.length).toBeLessThan(1.4);
  });

  it('does not call a list cut short whose rows have no id', async () => {
    world.respell = (path, text) => (path === '/leads' ? text.replaceAll('"id":', '"uid":') : text);
    const found = await world.audit({ streams: ['leads'] });
    expect(found.tables).toMatchObject([{ unlisted: 0, apiRows: world.workspace.rows('leads').length }]);
    expect(auditLines(found, inPipe).join('\n')).not.toContain('leaves out');
  });

  it('says how many rows a list leaves out that the API gives by id, and does not call that table matching', async () => {
    const rows = world.workspace.rows('leads').length;
    world.respell = (path, text) => {
      if (path !== '/leads') return text;
      const { data, ...rest } = JSON.parse(text) as { data: unknown[] };
      return JSON.stringify({ ...rest, data: data.slice(0, Math.floor(data.length / 2)) });
    };
    const found = await world.audit({ streams: ['leads'] });
    const missing = Math.ceil(rows / 2);
    expect(missing).toBeGreaterThan(0);
    expect(found.tables).toMatchObject([
      { lakeRows: rows, apiRows: rows - missing, unlisted: missing, differences: [] },
    ]);
    const told = auditLines(found, inPipe).join('\n');
    expect(told).toContain(`leads: the list of the API leaves out ${missing} of ${rows} rows`);
    expect(told).toContain('The rows match the API, but a list of the API leaves rows out');
    expect(told).not.toContain('table matching the API');
  });

  it('says of no child that it is deleted because a list of its parents is empty: it asks through these parents', async () => {
    world.respell = (path, text) => (['/leads', '/campaigns/{campaign_id}/runs'].includes(path) ? emptied(text) : text);
    const found = await world.audit({ streams: ['lead_messages', 'campaign_run_events'] });
    expect(differencesIn(found).deleted.filter((text) => !text.startsWith('campaign_runs:'))).toEqual([]);
    const of = (name: string) => found.tables.find(({ table }) => table === name);
    const [leads, runs] = [world.workspace.rows('leads').length, world.workspace.rows('campaign_runs').length];
    expect(of('lead_messages')?.parents).toEqual({ compared: leads, all: leads });
    const withEvents = new Set(world.workspace.rows('campaign_run_events').map((row) => String(row['run_id']))).size;
    expect(of('campaign_run_events')?.parents?.compared).toBe(withEvents);
    expect(withEvents).toBeLessThanOrEqual(runs);
  });

  it('finds no clean table if the API gives a row without a usable key, and names its children as not compared', async () => {
    world = new AuditWorld(['import_errors']);
    world.respell = (path, text) => (path === '/imports' ? text.replaceAll(/"id":"[^"]*"/g, '"id":null') : text);
    await world.load();
    const rows = world.workspace.rows('imports').length;
    const found = await world.audit();
    expect(rows).toBeGreaterThan(0);
    expect(found.tables).toMatchObject([{ lakeRows: 0, apiRows: rows, differences: [] }, { table: 'import_errors' }]);
    const told = auditLines(found, inPipe).join('\n');
    expect(told).toMatch(/imports: the comparison did not finish. \d+ rows? in the API without a usable key/);
    expect(told).toMatch(
      /import_errors: the comparison did not finish. \d+ rows? of imports in the API without a usable/,
    );
    expect(verdictOf(found)).toBe('unfinished');
  });

  it('calls no row deleted whose answers have no usable key, although the lake has the row', async () => {
    world.respell = (path, text) => (path.startsWith('/leads') ? text.replaceAll(/"id":"[^"]*"/g, '"id":null') : text);
    const found = await world.audit({ streams: ['leads'] });
    expect(differencesIn(found)).toEqual(noDifferences);
    expect(verdictOf(found)).toBe('unfinished');
  });

  it('compares content: a changed row with an unchanged time is different', async () => {
    const [id, campaign] = [first('leads'), first('campaigns')];
    world.workspace.workspace.update('leads', id, { title: 'Other', updated_at: lately() });
    world.workspace.workspace.update('campaigns', campaign, { undeclared: { deep: 1 }, updated_at: lately() });
    expect(differencesIn(await world.audit()).different).toEqual([`campaigns: ${campaign}`, `leads: ${id}`]);
  });

  it('names the columns in which a row differs, and no value', async () => {
    const [id, campaign] = [first('leads'), first('campaigns')];
    world.workspace.workspace.update('leads', id, { title: 'Secret', tags: ['secret'], updated_at: lately() });
    world.workspace.workspace.update('campaigns', campaign, { undeclared: 'Secret', updated_at: lately() });
    const found = await world.audit();
    const lines = auditLines(found, inPipe);
    expect(lines).toContain('leads, 1 row different in the API:');
    expect(lines).toContain(`  ${id}  updated_at, title, tags`);
    expect(lines).toContain(`  ${campaign}  updated_at, _extra`);
    const told = auditData(found);
    expect(told.tables.find(({ table }) => table === 'leads')).toMatchObject({
      different: [id],
      differentColumns: { [id]: ['updated_at', 'title', 'tags'] },
    });
    expect(lines.join() + JSON.stringify(told)).not.toMatch(/secret/i);
  });

  it('compares no column that personalData changes, or that it may change if the configuration is not known', async () => {
    const choice = { drop: ['name'], hash: ['email'] };
    world = new AuditWorld(['leads'], { mask: createColumnMask(choice, 'a key') });
    await world.load();
    const id = first('leads');
    const lineOf = async (personalData: PersonalChoice | undefined) => {
      world.settings = { ...world.settings, personalData };
      return auditLines(await world.audit(), inPipe).find((line) => line.startsWith(`  ${id}`));
    };
    const own = String(world.workspace.rows('leads')[0]?.['updated_at']);
    world.workspace.workspace.update('leads', id, { email: 'other@example.com', updated_at: own });
    expect(await lineOf(choice)).toBe(`  ${id}  in no column that can be compared`);
    expect(await lineOf(undefined)).toBe(`  ${id}  in no column that can be compared`);
    world.workspace.workspace.update('leads', id, { title: 'Other', updated_at: own });
    expect(await lineOf(undefined)).toBe(`  ${id}  title`);
  });

  it('lists ten rows of each kind, one a line, and says how to get the others', async () => {
    world = new AuditWorld(['leads'], { leads: 14 });
    await world.load();
    for (const { id } of world.workspace.rows('leads'))
      world.workspace.workspace.update('leads', String(id), { title: 'Other', updated_at: lately() });
    const found = await world.audit();
    const lines = auditLines(found, inPipe);
    const at = lines.indexOf('leads, 14 rows different in the API:');
    expect(lines.slice(at + 1, at + 11).every((line) => /^  \S+  updated_at, title$/.test(line))).toBe(true);
    expect(lines[at + 11]).toBe('  … and 4 more: --json has all');
  });

  it('expects the requests for rows that differ as soon as it knows of them', async () => {
    world = new AuditWorld(['leads'], { leads: 30 });
    await world.load();
    for (const { id } of world.workspace.rows('leads'))
      world.workspace.workspace.update('leads', String(id), { title: 'Other', updated_at: lately() });
    const pages: AuditPage[] = [];
    world.onPage = (page) => pages.push(page);
    await world.audit();
    expect(world.asked.length).toBeGreaterThan(30);
    expect(pages.at(-1)).toMatchObject({ requests: world.asked.length, expected: world.asked.length });
  });

  it('counts the rows, tables and requests of the whole audit until now, which never get fewer', async () => {
    const pages: AuditPage[] = [];
    world.onPage = (page) => pages.push(page);
    await world.audit();
    const given = names.flatMap((name) => world.workspace.rows(name)).length;
    const last = pages.at(-1);
    expect(last?.rows).toBeGreaterThanOrEqual(given);
    expect(last?.requests).toBe(world.asked.length);
    for (const [at, { rows, tables, requests }] of pages.entries()) {
      expect(rows).toBeGreaterThanOrEqual(pages[at - 1]?.rows ?? 0);
      expect(tables).toBeGreaterThanOrEqual(pages[at - 1]?.tables ?? 0);
      expect(requests).toBeGreaterThanOrEqual(pages[at - 1]?.requests ?? 0);
    }
  });

  it('calls a row missing that a list gives and the table lacks, although the API finds no row by its id', async () => {
    world.workspace.workspace.create('campaigns', { id: 'unread', created_at: lately(), updated_at: lately() });
    world.beforeRequest = (path) => {
      if (path.startsWith('/campaigns/')) throw new NotFoundError('There is no such route.');
    };
    const found = await world.audit({ streams: ['campaigns'] });
    expect(differencesIn(found).missing).toEqual(['campaigns: unread']);
    expect(verdictOf(found)).toBe('differs');
  });

  it('reports differences row by row, and its repair makes the tables match the API', {
    timeout: 60_000,
  }, async () => {
    const tables = [...names, 'leads', 'inbox_threads', 'campaigns', 'campaign_runs', 'imports'];
    const damages: Record<string, (pick: number) => Promise<void> | void> = {
      'a row changed, and its time did not': (pick) =>
        withRow(tables, pick, (table, id) =>
          world.workspace.workspace.update(table, id, { changed: pick, updated_at: lately() }),
        ),
      // Not the only row of a table: without another one, nothing shows that the API answers by id.
      'a row is deleted at the source': (pick) =>
        withRow(
          tables.filter((table) => world.workspace.rows(table).length > 1),
          pick,
          (table, id) => world.workspace.workspace.remove(table, id),
        ),
      'a row was never read': (pick) => {
        const [table = '', parent] =
          [['leads'], ['campaigns'], ['lead_messages', 'leads'], ['campaign_runs', 'campaigns']][pick % 4] ?? [];
        const fields = { created_at: lately(), updated_at: lately() };
        world.workspace.workspace.create(table, fields, parent === undefined ? undefined : first(parent));
      },
    };
    const damage = fc.tuple(fc.constantFrom(...Object.keys(damages)), fc.nat({ max: 10_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (chosen) => {
        world = new AuditWorld(names);
        await world.load();
        for (const [name, pick] of chosen) await damages[name]?.(pick);
        const found = await world.audit();
        expect(differencesIn(found)).toEqual(await world.differences());
        const reports = await world.repair(world.planRepair(found));
        expect(reports.map((report) => report?.status)).toEqual(reports.map(() => 'complete'));
        expect(await world.differences()).toEqual(noDifferences);
        expect(verdictOf(await world.audit())).toBe('clean');
      }),
      { numRuns: 4 },
    );
  });

  it('reports changes since the last night as not yet loaded, and not as differences', async () => {
    world.workspace.workspace.update('leads', first('leads'), { title: 'Other' });
    world.workspace.workspace.create('campaigns', {});
    const found = await world.audit();
    expect(differencesIn(found)).toEqual(noDifferences);
    const waiting = found.tables.flatMap(({ table, notYetLoaded }) => (notYetLoaded > 0 ? [table] : []));
    expect(waiting.toSorted()).toEqual(['campaigns', 'leads']);
    expect(verdictOf(found)).toBe('clean');
  });

  it('ignores changes that happen while it looks', async () => {
    let requests = 0;
    world.beforeRequest = () => {
      requests += 1;
      if (requests === 2) world.workspace.workspace.update('campaigns', first('campaigns'), { status: 'paused' });
      if (requests === 3) world.workspace.workspace.create('leads', {});
    };
    expect(verdictOf(await world.audit())).toBe('clean');
  });

  it('compares the children of a sample that depends on the seed, and says so', async () => {
    world = new AuditWorld(['lead_messages'], { leads: 130 });
    await world.load();
    const found = await world.audit({ all: false });
    expect(found.tables).toMatchObject([{ parents: null }, { parents: { compared: 100, all: 130 } }]);
    expect(auditLines(found, inPipe).at(-1)).toContain('--all compares the children of every row.');
    const asked = new Set(world.asked);
    await world.audit({ all: false });
    expect(new Set(world.asked)).toEqual(asked);
    await world.audit({ all: false, seed: 'another' });
    expect(new Set(world.asked)).not.toEqual(asked);
  });

  it('names the table that the key may not read, and compares the others', async () => {
    world.beforeRequest = (path) => {
      if (path === '/campaigns')
        throw new ForbiddenError('campaigns: the API answered 403. The scope is campaigns.read.');
    };
    const found = await world.audit();
    const told = found.tables.filter(({ error }) => error !== null).map(({ table }) => table);
    expect(told).toEqual(['campaigns', 'campaign_runs', 'campaign_run_events']);
    const line = auditLines(found, inPipe).find((one) => one.startsWith('campaigns '));
    expect(line, 'a table that was not counted').toMatch(/^campaigns +[1-9]\d* +– +– +– +– +–$/);
    expect(verdictOf(found)).toBe('unfinished');
  });

  it('ends if the key is refused', async () => {
    world.beforeRequest = () => {
      throw new UnauthorizedError('The key is bad.');
    };
    await expect(world.audit()).rejects.toThrow('The key is bad.');
    expect(world.asked).toHaveLength(1);
  });

  it('keeps to its budget of requests, and says so', async () => {
    const found = await world.audit({ mostRequests: 3 });
    expect(world.asked).toHaveLength(3);
    expect(found.tables.find(({ error }) => error?.includes('requests of this audit are used up'))).toBeDefined();
    expect(verdictOf(found)).toBe('unfinished');
  });
});

/** A list of the API, without its rows. */
function emptied(text: string): string {
  return JSON.stringify({ ...JSON.parse(text), data: [] });
}

function withRow(tables: readonly string[], pick: number, change: (table: string, id: string) => unknown): void {
  const table = tables[pick % tables.length] ?? '';
  const rows = world.workspace.rows(table).filter(({ id }) => id !== undefined);
  const id = rows[pick % rows.length]?.['id'];
  if (id !== undefined) change(table, String(id));
}
