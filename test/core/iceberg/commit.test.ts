import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateProperty, versionOf } from '../../../lambdas/contract/current-keys.ts';
import type { Table } from '../../../lambdas/contract/stream.ts';
import { schemaFor } from '../../../lambdas/core/iceberg/schema.ts';
import { loadTable } from '../../../lambdas/core/iceberg/table.ts';
import type { ObjectStore } from '../../../lambdas/core/ports.ts';
import {
  ann,
  bob,
  commit,
  firstVersion,
  now,
  people,
  putRows,
  rowsIn,
  warehouse,
} from '../../support/iceberg-table.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { KillableProcess } from '../../support/killable-process.ts';

const withCity: Table = {
  ...people,
  columns: {
    id: { type: 'string', description: 'Key.' },
    name: { type: 'string', description: 'Name.', personal: 'name' },
    cities: { type: 'string_list', description: 'Cities.' },
    age: { type: 'integer', description: 'Age.' },
  },
};
const later = new Date('2026-05-02T02:00:00.000Z');
describe('a commit', () => {
  it('writes a version that loads as committed', async () => {
    const { store, table } = await firstVersion();
    const loaded = await loadTable(store, warehouse, 'people');
    expect(loaded).toEqual(table);
    expect(loaded?.properties).toEqual({ [stateProperty]: 'one' });
    expect(await rowsIn(store, table.schema, table.files)).toEqual([ann, bob]);
  });

  it('takes four writes if one data file changes', async () => {
    const { store, table } = await firstVersion();
    store.writes.length = 0;
    const added = [await putRows(store, people, table, [{ ...ann, age: 41n }], later)];
    await commit(store, table, { table: people, added, removed: table.files.slice(0, 1), now: later });
    expect(store.writes).toHaveLength(4);
    expect(store.writes.map(versionOf)).toEqual([undefined, undefined, undefined, 2]);
  });

  it('keeps what it does not touch, and the previous snapshot', async () => {
    const { store, table } = await firstVersion();
    const added = [await putRows(store, people, table, [{ ...ann, age: 41n }], later)];
    await commit(store, table, { table: people, added, removed: table.files.slice(0, 1), now: later });
    const loaded = await loadTable(store, warehouse, 'people');
    expect(await rowsIn(store, table.schema, loaded?.files ?? [])).toEqual([{ ...ann, age: 41n }, bob]);
    expect(loaded?.metadata.snapshots.map((one) => one['sequence-number'])).toEqual([1, 2]);
    expect(loaded?.files.map(({ sequence }) => sequence)).toEqual([2, 1]);
  });

  it('can remove every row', async () => {
    const { store, table } = await firstVersion();
    await commit(store, table, { table: people, removed: table.files, now: later });
    const loaded = await loadTable(store, warehouse, 'people');
    expect(loaded?.files).toEqual([]);
    expect(loaded?.metadata.snapshots.at(-1)?.summary).toMatchObject({ operation: 'delete', 'total-records': '0' });
  });

  it('of properties only writes a version without a new snapshot', async () => {
    const { store, table } = await firstVersion();
    await commit(store, table, { table: people, properties: { [stateProperty]: 'two' }, now: later });
    const loaded = await loadTable(store, warehouse, 'people');
    expect(loaded?.version).toBe(2);
    expect(loaded?.snapshotId).toBe(table.snapshotId);
    expect(loaded?.properties).toEqual({ [stateProperty]: 'two' });
    expect(loaded?.files).toEqual(table.files);
  });

  it('never makes a version older than the previous one', async () => {
    const { store, table } = await firstVersion();
    const next = await commit(store, table, { table: people, now: new Date(0), properties: {} });
    expect(next?.metadata['last-updated-ms']).toBe(now.getTime());
  });

  it('refuses to remove a file that the table does not have', async () => {
    const { store, table } = await firstVersion();
    const [file] = table.files;
    if (!file) throw new Error('There are two.');
    const removed = [{ ...file, key: 'elsewhere' }];
    await expect(commit(store, table, { table: people, removed, now })).rejects.toThrow('elsewhere cannot be removed');
  });
});

describe('a column that was added', () => {
  it('is null in earlier rows, and the other columns keep their ids', async () => {
    const { store, table } = await firstVersion();
    const carl = { id: 'c', name: 'Carl', cities: ['Rome', ''], age: 1n };
    const added = [await putRows(store, withCity, table, [carl], later)];
    await commit(store, table, { table: withCity, added, now: later });
    const loaded = await loadTable(store, warehouse, 'people');
    expect(loaded?.schema.fields.map(({ id, name }) => [id, name])).toEqual([
      [1, 'id'],
      [2, 'name'],
      [4, 'cities'],
      [3, 'age'],
    ]);
    expect(loaded?.metadata['last-column-id']).toBe(5);
    const rows = await rowsIn(store, schemaFor(withCity, loaded), loaded?.files ?? []);
    expect(rows).toEqual([carl, { ...ann, cities: null }, { ...bob, cities: null }]);
  });

  it('stays when code that does not know it commits', async () => {
    const { store, table } = await firstVersion();
    const grown = await commit(store, table, { table: withCity, now: later });
    const again = await commit(store, grown, { table: people, now: later });
    expect(again?.schema.fields.map(({ name }) => name)).toEqual(['id', 'name', 'age', 'cities']);
    const back = await commit(store, again, { table: withCity, now: later });
    expect(back?.schema).toEqual(grown?.schema);
    expect(back?.metadata.schemas).toHaveLength(3);
  });

  it('must keep its type', async () => {
    const { table } = await firstVersion();
    const changed: Table = { ...people, columns: { ...people.columns, age: { type: 'string', description: 'Age.' } } };
    expect(() => schemaFor(changed, table)).toThrow(
      'Column age of people is declared as string, but its current table has it as integer. Declare a new column instead, or put the type back.',
    );
    expect(() => schemaFor({ ...people, key: ['name'] }, table)).toThrow('The key of people changed');
  });

  it('rejects a file that was written with other ids', async () => {
    const { store, table } = await firstVersion();
    const other: Table = { ...people, columns: { ...people.columns, zip: { type: 'string', description: 'Zip.' } } };
    const added = [await putRows(store, other, table, [{ ...ann, zip: '1' }], later)];
    const grown = await commit(store, table, { table: withCity, now: later });
    await expect(commit(store, grown, { table: other, added, now: later })).rejects.toThrow('under another schema');
  });
});

describe('two writers', () => {
  it('have one winner, and the loser leaves the table as it is', async () => {
    const { store, table } = await firstVersion();
    const attempts = await Promise.all(
      ['x', 'y'].map(async (name) => {
        const added = [await putRows(store, people, table, [{ ...ann, name }], later)];
        const next = await commit(store, table, { table: people, added, removed: table.files.slice(0, 1), now: later });
        return next && name;
      }),
    );
    const winners = attempts.filter((name) => name !== undefined);
    expect(winners).toHaveLength(1);
    const loaded = await loadTable(store, warehouse, 'people');
    expect(loaded?.version).toBe(2);
    expect(await rowsIn(store, table.schema, loaded?.files ?? [])).toEqual([{ ...ann, name: winners[0] }, bob]);
  });

  it('have one winner if both create the table', async () => {
    const store = new MemoryStore();
    const added = [await putRows(store, people, undefined, [ann], now)];
    const both = await Promise.all([1, 2].map(() => commit(store, undefined, { table: people, added, now })));
    expect(both.filter(Boolean)).toHaveLength(1);
    expect(await loadTable(store, warehouse, 'people')).toEqual(both.find(Boolean));
  });
});

describe('writers that retry', () => {
  /** Adds one row to the table, retrying until a commit succeeds. */
  async function insert(store: ObjectStore, id: string): Promise<void> {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const base = await loadTable(store, warehouse, 'people');
      const added = [await putRows(store, people, base, [{ id, name: id, age: null }], later)];
      if (await commit(store, base, { table: people, added, now: later })) return;
    }
    throw new Error('Lost five races against three rivals.');
  }

  it('lose nothing, in whatever order they read and write', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const store = new MemoryStore();
        const slow: ObjectStore = {
          get: (key) => scheduler.schedule(Promise.resolve()).then(() => store.get(key)),
          head: (key) => scheduler.schedule(Promise.resolve()).then(() => store.head(key)),
          put: (key, ...rest) => scheduler.schedule(Promise.resolve()).then(() => store.put(key, ...rest)),
          delete: (key) => store.delete(key),
          list: (prefix) => store.list(prefix),
        };
        const ids = ['a', 'b', 'c'];
        const writers = Promise.all(ids.map((id) => insert(slow, id)));
        await scheduler.waitFor(writers);
        const table = await loadTable(store, warehouse, 'people');
        const rows = await rowsIn(store, table?.schema ?? schemaFor(people, undefined), table?.files ?? []);
        expect(rows.map((row) => row['id']).toSorted()).toEqual(ids);
        expect(table?.version).toBe(3);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a process that dies', () => {
  const steps = [0, 1, 2, 3].flatMap((at) => (['before', 'after'] as const).map((when) => ({ at, when })));

  it.each(steps)(
    '$when write $at leaves the table whole: unchanged before the last write, changed after it',
    async (dies) => {
      const { store, table } = await firstVersion();
      const killable = new KillableProcess(dies);
      const dying = killable.store(store);
      const changed = { ...ann, age: 41n };
      const work = async () => {
        const added = [await putRows(dying, people, table, [changed], later)];
        await commit(dying, table, { table: people, added, removed: table.files.slice(0, 1), now: later });
      };
      await expect(work()).rejects.toThrow(/killed|dead/);
      const isCommitted = dies.at === 3 && dies.when === 'after';
      const loaded = await loadTable(store, warehouse, 'people');
      expect(await rowsIn(store, table.schema, loaded?.files ?? [])).toEqual([isCommitted ? changed : ann, bob]);
      const added = [await putRows(store, people, loaded, [changed], later)];
      const next = await commit(store, loaded, {
        table: people,
        added,
        removed: loaded?.files.slice(0, 1) ?? [],
        now: later,
      });
      expect(await rowsIn(store, table.schema, next?.files ?? [])).toEqual([changed, bob]);
    },
  );
});
