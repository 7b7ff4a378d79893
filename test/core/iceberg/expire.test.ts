import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateObjectKey, stateProperty, versionOf } from '../../../lambdas/contract/current-keys.ts';
import type { Table } from '../../../lambdas/contract/stream.ts';
import { expireTable } from '../../../lambdas/core/iceberg/expire.ts';
import { loadTable, type LiveTable, readSnapshot, readVersion } from '../../../lambdas/core/iceberg/table.ts';
import { commit, putRows, rowsIn, warehouse } from '../../support/iceberg-table.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { KillableProcess } from '../../support/killable-process.ts';

const people: Table = {
  name: 'people',
  description: 'People.',
  key: ['id'],
  columns: { id: { type: 'string', description: 'Key.' }, day: { type: 'number', description: 'Day.' } },
};
const start = Date.parse('2026-05-01T02:00:00.000Z');
const onDay = (day: number) => new Date(start + day * 86_400_000);
const snapshotDays = 7;

/** Replaces the table's only file and its state object, as a night does. */
async function night(store: MemoryStore, day: number): Promise<LiveTable> {
  const base = await loadTable(store, warehouse, 'people');
  const now = onDay(day);
  const state = stateObjectKey('people', now, `s${day}`);
  await store.put(state, '{}');
  const added = [await putRows(store, people, base, [{ id: 'a', day }], now)];
  const properties = { [stateProperty]: state };
  const next = await commit(store, base, { table: people, added, removed: base?.files ?? [], properties, now });
  if (!next) throw new Error('Nobody else writes.');
  return next;
}

/** The day that each snapshot of the newest version shows. */
async function daysShown(store: MemoryStore): Promise<unknown[]> {
  const table = await loadTable(store, warehouse, 'people');
  const shown: unknown[] = [];
  for (const snapshot of table?.metadata.snapshots ?? []) {
    const { files } = await readSnapshot(store, warehouse, snapshot);
    const [row] = await rowsIn(store, table?.schema ?? ({ fields: [] } as never), files);
    shown.push(row?.['day']);
  }
  return shown;
}

describe('expiry', () => {
  it('keeps the snapshots of the last days, and the one that was current when they began', async () => {
    const store = new MemoryStore();
    for (let day = 0; day <= 12; day += 1) await night(store, day);
    expect(await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(12.5) })).toMatchObject({
      snapshots: 5,
    });
    expect(await daysShown(store)).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('deletes what no snapshot has named for a day, and nothing earlier', async () => {
    const store = new MemoryStore();
    for (let day = 0; day <= 12; day += 1) await night(store, day);
    await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(12.5) });
    expect(store.keys('current/people/data/')).toHaveLength(13);
    const soon = await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(13.4) });
    expect(store.keys('current/people/data/')).toHaveLength(13);
    const late = await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(13.6) });
    expect([soon.snapshots, late.snapshots]).toEqual([1, 0]);
    // No snapshot has the file of day 4 (the 5th of May), but it was written less than a day before the oldest
    // snapshot.
    expect(store.keys('current/people/data/').map((key) => key.slice(20, 28))).toEqual(
      ['04', '05', '06', '07', '08', '09', '10', '11', '12', '13'].map((day) => `202605${day}`).slice(1),
    );
    expect(await daysShown(store)).toEqual([6, 7, 8, 9, 10, 11, 12]);
  });

  it('keeps the newest version and the state that it names, however old they are', async () => {
    const store = new MemoryStore();
    for (let day = 0; day <= 2; day += 1) await night(store, day);
    for (const day of [400, 402, 404]) await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(day) });
    const table = await loadTable(store, warehouse, 'people');
    expect(await daysShown(store)).toEqual([2]);
    expect(store.keys('current/people/state/')).toEqual([table?.properties[stateProperty]]);
    expect(store.keys('current/people/').filter((key) => versionOf(key) !== undefined)).toEqual([table?.metadataKey]);
    expect(store.keys('current/people/')).toHaveLength(5);
  });

  it('keeps an uncommitted file for at least a day', async () => {
    const store = new MemoryStore();
    const base = await night(store, 0);
    const written = await putRows(store, people, base, [{ id: 'b', day: 20 }], onDay(20));
    for (const day of [20.5, 20.9]) await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(day) });
    await commit(store, base, { table: people, added: [written], now: onDay(20.9) });
    for (const day of [30, 32, 34]) await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(day) });
    const table = await loadTable(store, warehouse, 'people');
    expect(await rowsIn(store, base.schema, table?.files ?? [])).toEqual([
      { id: 'b', day: 20 },
      { id: 'a', day: 0 },
    ]);
  });

  it('deletes files that were never committed', async () => {
    const store = new MemoryStore();
    const base = await night(store, 0);
    const orphan = await putRows(store, people, base, [{ id: 'b', day: 1 }], onDay(1));
    for (let day = 2; day <= 12; day += 1) await night(store, day);
    for (const day of [12, 14]) await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(day) });
    expect(store.keys('current/people/')).not.toContain(orphan.key);
  });

  it('keeps files that the pipeline did not write', async () => {
    const store = new MemoryStore();
    await night(store, 0);
    await store.put('current/people/data/foreign.parquet', 'x');
    await store.put('current/people_more/data/20200101T000000Z-x.parquet', 'x');
    await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(100) });
    expect([...store.objects.keys()]).toEqual(
      expect.arrayContaining([
        'current/people/data/foreign.parquet',
        'current/people_more/data/20200101T000000Z-x.parquet',
      ]),
    );
  });

  it('of a table that does not exist does nothing', async () => {
    const expired = await expireTable(new MemoryStore(), warehouse, 'people', { snapshotDays, now: onDay(0) });
    expect(expired).toEqual({ snapshots: 0, objects: 0 });
  });

  it('does nothing with a clock that is behind the one that expired the table before', async () => {
    const store = new MemoryStore();
    for (let day = 0; day <= 3; day += 1) await night(store, day);
    await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(4.003) });
    const before = store.keys('');
    expect(await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(3.997) })).toMatchObject({
      snapshots: 0,
      objects: 0,
    });
    expect(store.keys('')).toEqual(before);
  });

  it('keeps every row of the newest version even if a clock went back by a year', async () => {
    const store = new MemoryStore();
    await night(store, 400);
    await night(store, 0);
    for (const day of [401, 403, 405]) await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(day) });
    const table = await loadTable(store, warehouse, 'people');
    expect(await rowsIn(store, table?.schema ?? ({} as never), table?.files ?? [])).toEqual([{ id: 'a', day: 0 }]);
  });

  it('leaves the table whole wherever it dies, and does the rest the next time', async () => {
    const before = new MemoryStore();
    for (let day = 0; day <= 12; day += 1) await night(before, day);
    for (let at = 0, isOver = false; !isOver; at += 1) {
      const store = new MemoryStore();
      for (const [key, object] of before.objects) store.objects.set(key, object);
      const killable = new KillableProcess({ at, when: at % 2 === 0 ? 'before' : 'after' });
      await expireTable(killable.store(store), warehouse, 'people', { snapshotDays, now: onDay(12.5) }).catch(
        () => undefined,
      );
      await expireTable(killable.store(store), warehouse, 'people', { snapshotDays, now: onDay(14) }).catch(
        () => undefined,
      );
      isOver = !killable.isDead;
      expect(await daysShown(store)).toContain(12);
      for (const day of [14, 16]) await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(day) });
      expect(await daysShown(store)).toEqual([8, 9, 10, 11, 12]);
    }
  });

  it('never deletes an object that a version of the last day names, whatever the nights', async () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom('night', 'expire', 'both'), fc.double({ min: 0.01, max: 3, noNaN: true })),
      {
        maxLength: 25,
      },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (steps, snapshotDays) => {
        const store = new MemoryStore();
        const versions: { version: number; until: number }[] = [];
        let day = 0;
        for (const [what, days] of steps) {
          day += days;
          if (what !== 'expire') await night(store, day);
          if (what !== 'night') await expireTable(store, warehouse, 'people', { snapshotDays, now: onDay(day) });
          const table = await loadTable(store, warehouse, 'people');
          const last = versions.at(-1);
          if (table && table.version !== last?.version) {
            for (const known of versions) known.until = Math.min(known.until, day);
            versions.push({ version: table.version, until: Infinity });
          }
          for (const { version } of versions.filter(({ until }) => until > day - 0.99)) {
            const metadata = await readVersion(store, 'people', version);
            for (const snapshot of metadata.snapshots)
              for (const key of (await readSnapshot(store, warehouse, snapshot)).keys)
                expect(store.objects.has(key)).toBe(true);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
