import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compactionKey, parquetKey, planKey, reportKey, runTableKey } from '../../../lambdas/contract/object-keys.ts';
import { tableOf } from '../../../lambdas/contract/stream.ts';
import { compactTables } from '../../../lambdas/core/publish/compact-tables.ts';
import { readParquet } from '../../../lambdas/core/rows/parquet/read.ts';
import { writeParquet } from '../../../lambdas/core/rows/parquet/write.ts';
import type { ObjectStore } from '../../../lambdas/core/ports.ts';
import { runIdOf } from '../../../lambdas/core/runs/run-ids.ts';
import { campaigns } from '../../../lambdas/streams/campaigns.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { Mortal } from '../../support/mortal-ports.ts';

const table = tableOf(campaigns);
const day = 86_400_000;
const hour = 3_600_000;
const firstDay = Date.parse('2026-03-01T02:00:00.000Z');
const now = firstDay + 60 * day;

/** A file of so many rows, each of which there is only once. */
function fileOf(runId: string, part: number, rows: number): Uint8Array {
  const blank = Object.fromEntries(Object.keys(table.columns).map((name) => [name, null]));
  return writeParquet(
    table,
    Array.from({ length: rows }, (_, row) => ({
      ...blank,
      id: `${runId}-${part}-${row}`,
      _run_id: runId,
      _extracted_at: new Date(firstDay + row),
      _extra: `{"score":9007199254740993.${row}}`,
    })),
  );
}

/** Runs on these days after the first, one an hour, with a file of each of these numbers of rows. */
async function leave(store: ObjectStore, runs: readonly { day: number; files: readonly number[] }[]): Promise<void> {
  for (const [index, run] of runs.entries()) {
    const startedAt = new Date(firstDay + run.day * day + (index % 20) * hour);
    const runId = runIdOf('refresh', startedAt);
    const date = startedAt.toISOString().slice(0, 10);
    for (const [part, rows] of run.files.entries())
      await store.put(parquetKey('campaigns', date, runId, `campaigns.${index}`, part), fileOf(runId, part, rows));
  }
}

/** Every row as text, as often as it stands in the table. */
async function rowsIn(store: MemoryStore): Promise<string[]> {
  const rows: string[] = [];
  for (const key of store.keys('lake/campaigns/')) {
    const body = store.objects.get(key)?.body ?? new Uint8Array();
    for (const row of await readParquet(body, Object.keys(table.columns)))
      rows.push(JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)));
  }
  return rows.toSorted();
}

function portsOf(store: ObjectStore, at = now) {
  return { store, clock: new FixedClock(new Date(at).toISOString()), log: new MemoryLog() };
}

const someRuns = fc.array(
  fc.record({ day: fc.integer({ min: 0, max: 3 }), files: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }) }),
  { maxLength: 8 },
);

describe('the small files of an old partition', () => {
  it('become one that holds the same rows, in any history', async () => {
    await fc.assert(
      fc.asyncProperty(someRuns, async (runs) => {
        const store = new MemoryStore();
        await leave(store, runs);
        const before = await rowsIn(store);
        const days = new Set(store.keys('lake/').map((key) => key.split('/')[2])).size;
        await compactTables(['campaigns'], portsOf(store));
        expect(await rowsIn(store)).toEqual(before);
        expect(store.keys('lake/')).toHaveLength(days);
        expect(store.keys('state/')).toEqual([]);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('lose no row where the function is killed at any step, and the next one ends what it began', async () => {
    const runs = [
      { day: 0, files: [1, 2] },
      { day: 0, files: [3] },
      { day: 1, files: [2] },
      { day: 2, files: [1, 1, 1] },
    ];
    const whole = new MemoryStore();
    await leave(whole, runs);
    const before = await rowsIn(whole);
    const untouched = new Mortal({ at: -1, when: 'after' });
    await compactTables(['campaigns'], portsOf(untouched.store(whole)));
    expect(untouched.steps).toBeGreaterThan(15);
    for (let at = 0; at < untouched.steps; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const store = new MemoryStore();
        await leave(store, runs);
        const mortal = new Mortal({ at, when });
        await expect(compactTables(['campaigns'], portsOf(mortal.store(store)))).rejects.toThrow('killed');
        expect(new Set(await rowsIn(store)), `killed ${when} step ${at}`).toEqual(new Set(before));
        await compactTables(['campaigns'], portsOf(store, now + 2 * hour));
        expect(await rowsIn(store), `killed ${when} step ${at}`).toEqual(before);
        expect(store.keys('')).toEqual(whole.keys(''));
      }
    }
  });

  it('are left to the one that began where a second one comes meanwhile, whatever step it is at', async () => {
    const runs = [
      { day: 0, files: [1, 2, 1] },
      { day: 1, files: [2, 2] },
    ];
    const counting = new Mortal({ at: -1, when: 'after' });
    await leave(new MemoryStore(), runs);
    const counted = new MemoryStore();
    await leave(counted, runs);
    await compactTables(['campaigns'], portsOf(counting.store(counted)));
    for (let at = 0; at < counting.steps; at += 1) {
      const store = new MemoryStore();
      await leave(store, runs);
      const before = await rowsIn(store);
      let step = 0;
      const second = async () => {
        if (step++ === at) await compactTables(['campaigns'], portsOf(store, now + 60_000));
      };
      const interrupted: ObjectStore = {
        get: async (key) => (await second(), store.get(key)),
        head: async (key) => (await second(), store.head(key)),
        put: async (key, body, options) => (await second(), store.put(key, body, options)),
        delete: async (key) => (await second(), store.delete(key)),
        list: (prefix) => store.list(prefix),
      };
      await compactTables(['campaigns'], portsOf(interrupted));
      expect(await rowsIn(store), `beside step ${at}`).toEqual(before);
      expect(store.keys(''), `beside step ${at}`).toEqual(counted.keys(''));
    }
  });

  it('stay while a plan of one of their runs is there, and everything of later days with them', async () => {
    const store = new MemoryStore();
    await leave(store, [
      { day: 0, files: [1, 1] },
      { day: 1, files: [1, 1] },
      { day: 2, files: [1, 1] },
    ]);
    await store.put(planKey(runIdOf('refresh', new Date(firstDay + day + hour))), '{}');
    await compactTables(['campaigns'], portsOf(store));
    const filesOf = (date: string) => store.keys(`lake/campaigns/dt=${date}/`).length;
    expect([filesOf('2026-03-01'), filesOf('2026-03-02'), filesOf('2026-03-03')]).toEqual([1, 2, 2]);
  });

  it('stay for 25 days, while a message may still have one written again', async () => {
    const store = new MemoryStore();
    await leave(store, [{ day: 0, files: [1, 1] }]);
    await compactTables(['campaigns'], portsOf(store, firstDay + 25 * day));
    expect(store.keys('lake/')).toHaveLength(2);
    await compactTables(['campaigns'], portsOf(store, firstDay + 26 * day));
    expect(store.keys('lake/')).toHaveLength(1);
  });

  it('of an older version keep a column that the table has no more, in a file of their own', async () => {
    const store = new MemoryStore();
    const former = { ...table, columns: { ...table.columns, former: { type: 'string', description: '' } } } as const;
    const blank = Object.fromEntries(Object.keys(former.columns).map((name) => [name, null]));
    for (const part of [0, 1]) {
      const row = {
        ...blank,
        id: `old-${part}`,
        _run_id: 'r',
        _extracted_at: new Date(firstDay),
        former: `kept ${part}`,
      };
      const key = parquetKey('campaigns', '2026-03-01', runIdOf('nightly', new Date(firstDay)), 'campaigns.0', part);
      await store.put(key, writeParquet(former, [row]));
    }
    await leave(store, [{ day: 0, files: [1, 1] }]);
    await compactTables(['campaigns'], portsOf(store));
    const keys = store.keys('lake/');
    expect(keys).toHaveLength(2);
    const read = await Promise.all(
      keys.map((key) => readParquet(store.objects.get(key)?.body ?? new Uint8Array(), ['id', 'former'])),
    );
    expect(read.flat().flatMap(({ former: kept }) => kept ?? [])).toEqual(['kept 0', 'kept 1']);
  });

  it('that cannot be read, and files of another origin or of a megabyte, stay as they are', async () => {
    const store = new MemoryStore();
    await leave(store, [{ day: 0, files: [1, 1] }]);
    const runId = runIdOf('nightly', new Date(firstDay));
    const others = [
      parquetKey('campaigns', '2026-03-01', runId, 'campaigns.0', 0),
      parquetKey('campaigns', '2026-03-01', runId, 'campaigns.0', 1),
      'lake/campaigns/dt=2026-03-01/mine.parquet',
    ];
    for (const key of others) await store.put(key, key.endsWith('1.parquet') ? new Uint8Array(1_000_001) : 'broken');
    await compactTables(['campaigns'], portsOf(store));
    expect(store.keys('lake/')).toHaveLength(others.length + 1);
    expect(store.keys('lake/')).toEqual(expect.arrayContaining(others));
  });

  it('of pipeline_runs become one as well', async () => {
    const store = new MemoryStore();
    for (const at of [0, hour, 2 * hour]) {
      const runId = runIdOf('refresh', new Date(firstDay + at));
      await store.put(runTableKey('2026-03-01', runId), fileOf(runId, 0, 1));
    }
    await compactTables(['pipeline_runs'], portsOf(store));
    expect(store.keys('lake/')).toEqual([expect.stringMatching(/dt=2026-03-01\/compacted-[0-9a-f]{16}\.parquet$/)]);
  });

  it('are compacted four thousand a night, the rest in the next ones', async () => {
    const store = new MemoryStore();
    const runId = runIdOf('nightly', new Date(firstDay));
    const body = fileOf(runId, 0, 1);
    for (let part = 0; part < 4_600; part += 1)
      await store.put(parquetKey('campaigns', '2026-03-01', runId, 'campaigns.0', part), body);
    await compactTables(['campaigns'], portsOf(store));
    expect(store.keys('lake/campaigns/').length).toBeGreaterThanOrEqual(600);
    expect(store.keys('lake/campaigns/').length).toBeLessThan(640);
    expect(await rowsIn(store)).toHaveLength(4_600);
    await compactTables(['campaigns'], portsOf(store, now + day));
    expect(store.keys('lake/campaigns/').length).toBeLessThan(20);
    expect(await rowsIn(store)).toHaveLength(4_600);
  });

  it('are found behind any number of days that have one file each', async () => {
    const store = new MemoryStore();
    await leave(store, [{ day: 0, files: [1, 1] }]);
    const body = fileOf('r', 0, 1);
    for (let back = 1; back <= 5_000; back += 1) {
      const startedAt = new Date(firstDay - back * day);
      const runId = runIdOf('nightly', startedAt);
      await store.put(parquetKey('campaigns', startedAt.toISOString().slice(0, 10), runId, 'campaigns.0', 0), body);
    }
    await compactTables(['campaigns'], portsOf(store));
    expect(store.keys('lake/campaigns/dt=2026-03-01/')).toHaveLength(1);
    expect(store.keys('lake/campaigns/')).toHaveLength(5_001);
  });

  it('are not touched while the lease of one that was killed is young', async () => {
    const store = new MemoryStore();
    await leave(store, [{ day: 0, files: [1, 1] }]);
    await store.put(compactionKey, JSON.stringify({ at: new Date(now).toISOString(), replacing: null }));
    await compactTables(['campaigns'], portsOf(store, now + hour - 1));
    expect(store.keys('lake/')).toHaveLength(2);
    expect(store.json(reportKey('none'))).toBeUndefined();
    await compactTables(['campaigns'], portsOf(store, now + hour));
    expect(store.keys('lake/')).toHaveLength(1);
  });
});
