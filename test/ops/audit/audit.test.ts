import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ForbiddenError, UnauthorizedError } from '../../../lambdas/core/errors.ts';
import { isClean } from '../../../ops/audit/verdict.ts';
import { AuditWorld, hour, toldBy } from '../../support/audit-world.ts';
import { differences } from '../../support/lake-oracle.ts';
import { currentRows, reportsIn } from '../../support/lake-oracle.ts';
import { rowsOf } from '../../support/lake-reader.ts';

/** The lake is damaged on purpose; what the audit tells is held against the rows themselves. */

const names = ['lead_messages', 'inbox_messages', 'campaign_run_events', 'import_errors', 'referrals', 'identity'];
const nothing = { missing: [], stale: [], ghost: [] };
let world: AuditWorld;

beforeEach(async () => {
  world = new AuditWorld(names);
  await world.pipeline.run();
  await world.night();
});

/** A time before the lake was last brought up to date, and after whatever it holds. */
const lately = () => new Date(world.clock.now().getTime() - hour - 1).toISOString();
const first = (table: string) => String(world.workspace.rows(table)[0]?.['id']);
const files = (prefix: string) => world.pipeline.store.keys(prefix);

async function tablesAreRight(): Promise<string[]> {
  const { store, streams } = world.pipeline;
  const faults: string[] = [];
  for (const stream of streams) {
    const current = currentRows(stream, await rowsOf(store, stream.name), reportsIn(store));
    faults.push(...differences(stream, current, world.workspace.rows(stream.name)));
  }
  return faults;
}

describe('an audit', () => {
  it('says of a lake that was read without faults that it is what the API says, and reads no second answer for it', async () => {
    const found = await world.audit();
    expect(toldBy(found)).toEqual(nothing);
    expect(isClean(found)).toBe(true);
    expect(found.tables.map(({ table }) => table)).toEqual(expect.arrayContaining(names));
    for (const { table, lakeRows } of found.tables)
      expect([table, lakeRows]).toEqual([table, world.workspace.rows(table).length]);
  });

  it('tells what differs, row by row, and its repair makes the lake what the API says', {
    timeout: 60_000,
  }, async () => {
    const tables = [...names, 'leads', 'inbox_threads', 'campaigns', 'campaign_runs', 'imports'].filter(
      (name) => name !== 'identity',
    );
    const damages: Record<string, (pick: number) => Promise<void> | void> = {
      'a Parquet file is deleted': (pick) => remove(files('lake/'), pick),
      'a chunk and its file are lost': async (pick) => {
        const raw = files('raw/').filter((key) => !key.includes('pipeline_runs'));
        const key = raw[pick % raw.length] ?? '';
        const [, table = '', run = '', task = '', sequence = ''] = key.split('/');
        for (const file of files(`lake/${table}/`).filter((one) =>
          one.endsWith(`/${run}-${task}-${sequence.slice(0, 6)}.parquet`),
        ))
          await world.pipeline.store.delete(file);
        await world.pipeline.store.delete(key);
      },
      'a row is stale': (pick) => {
        const table = tables[pick % tables.length] ?? '';
        const rows = world.workspace.rows(table).filter(({ id }) => id !== undefined);
        const id = rows[pick % rows.length]?.['id'];
        if (id !== undefined) world.workspace.workspace.update(table, String(id), { updated_at: lately() });
      },
      'a row is gone at the source': (pick) => {
        const table = tables[pick % tables.length] ?? '';
        const rows = world.workspace.rows(table).filter(({ id }) => id !== undefined);
        const id = rows[pick % rows.length]?.['id'];
        if (id !== undefined) world.workspace.workspace.remove(table, String(id));
      },
      'a row was never read': (pick) => {
        const [table = '', parent] =
          [['leads'], ['campaigns'], ['lead_messages', 'leads'], ['campaign_runs', 'campaigns']][pick % 4] ?? [];
        const fields = { created_at: lately(), updated_at: lately() };
        world.workspace.workspace.create(table, fields, parent === undefined ? undefined : first(parent));
      },
    };
    const remove = async (keys: readonly string[], pick: number) =>
      world.pipeline.store.delete(keys[pick % keys.length] ?? '');
    const damage = fc.tuple(fc.constantFrom(...Object.keys(damages)), fc.nat({ max: 10_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (chosen) => {
        world = new AuditWorld(names);
        await world.pipeline.run();
        await world.night();
        for (const [name, pick] of chosen) await damages[name]?.(pick);
        const wanted = await world.differences();
        const found = await world.audit();
        expect(toldBy(found)).toEqual(wanted);
        const report = await world.repair(world.planRepair(found));
        expect(report?.status ?? 'complete').toBe('complete');
        const after = await world.audit();
        expect(toldBy(after)).toEqual(nothing);
        expect(isClean(after)).toBe(true);
        expect(await tablesAreRight()).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  it('calls what has changed since the last night not yet loaded, and that is no difference', async () => {
    world.workspace.workspace.update('leads', first('leads'), { title: 'Other' });
    world.workspace.workspace.create('campaigns', {});
    const found = await world.audit();
    expect(toldBy(found)).toEqual(nothing);
    const waiting = found.tables.flatMap(({ table, windows }) =>
      windows.flatMap(({ notYetLoaded }) => (notYetLoaded > 0 ? [table] : [])),
    );
    expect(waiting.toSorted()).toEqual(['campaigns', 'leads']);
    expect(isClean(found)).toBe(true);
  });

  it('takes nothing for a difference that changes while it looks', async () => {
    let requests = 0;
    world.beforeRequest = () => {
      requests += 1;
      if (requests === 2) world.workspace.workspace.update('campaigns', first('campaigns'), { status: 'paused' });
      if (requests === 3) world.workspace.workspace.create('leads', {});
    };
    expect(isClean(await world.audit())).toBe(true);
  });

  it('names the table that the key may not read, and compares the others', async () => {
    world.beforeRequest = (path) => {
      if (path === '/campaigns')
        throw new ForbiddenError('campaigns: the API answered 403. The scope is campaigns.read.');
    };
    const found = await world.audit();
    const told = found.tables.filter(({ error }) => error !== null).map(({ table }) => table);
    expect(told).toEqual(['campaigns', 'campaign_runs', 'campaign_run_events']);
    expect(isClean(found)).toBe(false);
  });

  it('ends where the key is refused', async () => {
    world.beforeRequest = () => {
      throw new UnauthorizedError('The key is bad.');
    };
    await expect(world.audit()).rejects.toThrow('The key is bad.');
    expect(world.asked).toHaveLength(1);
  });

  it('makes no request more than it may, and says so', async () => {
    const found = await world.audit({ mostRequests: 3 });
    expect(world.asked).toHaveLength(3);
    expect(found.tables.find(({ error }) => error?.includes('requests of this audit are used up'))).toBeDefined();
    expect(isClean(found)).toBe(false);
  });
});
