import { describe, expect, it } from 'vitest';
import { loadTable } from '../../../lambdas/core/iceberg/table.ts';
import { mergeTable } from '../../../lambdas/core/current/merge-table.ts';
import { text } from '../../../lambdas/streams/declare.ts';
import { people } from '../../support/current-streams.ts';
import { at, CurrentWorld, smallLimits, type TestCopy } from '../../support/current-world.ts';
import { warehouse } from '../../support/iceberg-table.ts';

const name = (number: number) => `p${String(number).padStart(3, '0')}`;
const person = (number: number, title: string, asked: number): TestCopy => ({
  id: name(number),
  title,
  _extracted_at: at(asked),
  _digest: title,
});
const list = (asked: number) => ({ kind: 'list', taskId: 'people.0', askedAt: at(asked).toISOString() }) as const;
const twenty = Array.from({ length: 20 }, (_, number) => person(number, 'one', 0));

async function table(copies: readonly TestCopy[] = twenty): Promise<CurrentWorld> {
  const world = new CurrentWorld();
  world.limits = smallLimits;
  await world.merge(people, [{ chunks: copies.map((copy) => [copy]), scope: list(0) }]);
  return world;
}

const filesOf = async ({ store }: CurrentWorld) => (await loadTable(store, warehouse, 'people'))?.files ?? [];
const keysOf = async (world: CurrentWorld) => (await filesOf(world)).map(({ key }) => key);

describe('the data files of a current table', () => {
  it('are kept if no changed row touches them', async () => {
    const world = await table();
    const before = await keysOf(world);
    await world.merge(people, [{ chunks: [[person(7, 'two', 60)]] }], { runId: 'refresh-1' });
    const after = await keysOf(world);
    expect(after).toHaveLength(before.length);
    expect(after.filter((key) => !before.includes(key))).toHaveLength(1);
  });

  it('are read for a change only if they can hold its row', async () => {
    const world = await table();
    const read: string[] = [];
    const { store } = world;
    const watched = {
      ...world.ports,
      store: Object.create(store, { get: { value: (key: string) => (read.push(key), store.get(key)) } }),
    };
    const input = await world.input(people, [{ chunks: [[person(7, 'two', 60), person(8, 'one', 60)]] }], {
      runId: 'refresh-1',
    });
    await mergeTable(people, input, watched);
    expect(read.filter((key) => key.includes('/data/')).length).toBeLessThanOrEqual(2);
  });

  it('cover disjoint key ranges, and hold each row once', async () => {
    const world = await table(twenty.toReversed());
    for (const key of await keysOf(world)) expect(key).toMatch(/^current\/people\/data\//);
    expect((await world.rows(people)).map(({ id }) => id)).toEqual(twenty.map(({ id }) => id));
  });

  it('are removed if all of their rows are deleted', async () => {
    const world = await table();
    const scope = list(60);
    await world.merge(
      people,
      [{ chunks: [twenty.slice(0, 10).map((copy) => ({ ...copy, _extracted_at: at(60) }))], scope }],
      {
        runId: 'nightly-2',
        approved: true,
      },
    );
    expect(await world.rows(people)).toHaveLength(10);
    expect((await filesOf(world)).reduce((sum, { rows }) => sum + rows, 0)).toBe(10);
  });
});

describe('a version of a current table', () => {
  const versionOf = async ({ store }: CurrentWorld) => (await loadTable(store, warehouse, 'people'))?.version;

  it('is not written for a run that finds nothing new', async () => {
    const world = await table();
    const before = await versionOf(world);
    await world.merge(people, [{ chunks: [twenty.map((copy) => ({ ...copy, _extracted_at: at(60) }))] }], {
      runId: 'nightly-2',
    });
    expect(await versionOf(world)).toBe(before);
  });

  it('is written once, without a snapshot, for a whole list that equals the table', async () => {
    const world = await table();
    const before = await loadTable(world.store, warehouse, 'people');
    const input = await world.input(
      people,
      [{ chunks: [twenty.map((copy) => ({ ...copy, _extracted_at: at(60) }))], scope: list(60) }],
      {
        runId: 'nightly-2',
      },
    );
    await mergeTable(people, input, world.ports);
    await mergeTable(people, input, world.ports);
    const after = await loadTable(world.store, warehouse, 'people');
    expect([after?.version, after?.snapshotId]).toEqual([(before?.version ?? 0) + 1, before?.snapshotId]);
  });

  it('is written by the first run even if there are no rows', async () => {
    const world = new CurrentWorld();
    expect(await world.merge(people, [{ chunks: [], scope: list(0) }])).toMatchObject({ done: true, rows: 0 });
    expect(await versionOf(world)).toBe(1);
    expect(world.catalog.pointers.get('people')?.version).toBe(1);
  });

  it('is written for each batch, so that a long merge continues where it stopped', async () => {
    const world = new CurrentWorld();
    world.limits = smallLimits;
    const input = await world.input(people, [{ chunks: twenty.map((copy) => [copy]), scope: list(0) }]);
    world.limits = { ...smallLimits, loadRows: 3 };
    let left = 2;
    world.deadline = { remainingMilliseconds: () => ((left -= 1) >= 0 ? 600_000 : 60_000) };
    expect(await mergeTable(people, input, world.ports)).toMatchObject({
      done: false,
      rows: 6,
      counts: { inserted: 6 },
    });
    expect(await world.rows(people)).toHaveLength(6);
    left = 100;
    expect(await mergeTable(people, input, world.ports)).toMatchObject({
      done: true,
      rows: 20,
      counts: { inserted: 20 },
    });
  });

  it('is not written if no time is left', async () => {
    const world = await table();
    world.deadline = { remainingMilliseconds: () => 1_000 };
    const result = await world.merge(people, [{ chunks: [[person(7, 'two', 60)]] }], { runId: 'refresh-1' });
    expect(result).toMatchObject({ done: false, rows: 20, counts: { updated: 0 } });
  });
});

describe('a column that was declared later', () => {
  const wider = { ...people, columns: { ...people.columns, city: text('City.') } };

  it('is null until its row is reread, then filled even if the row did not change', async () => {
    const world = await table(twenty.slice(0, 2).map((copy) => ({ ...copy, _extra: '{"city":"Rome"}' })));
    const again = twenty.slice(0, 1).map((copy) => ({ ...copy, _extracted_at: at(60), city: 'Rome', _extra: null }));
    const result = await world.merge(wider, [{ chunks: [again], flags: { reread: true } }], { runId: 'nightly-2' });
    expect(result.counts).toMatchObject({ updated: 1, healed: 0 });
    expect((await world.rows(wider)).map((row) => [row['city'], row['_extra']])).toEqual([
      ['Rome', null],
      [null, '{"city":"Rome"}'],
    ]);
  });

  it('is kept by code that does not know it', async () => {
    const world = new CurrentWorld();
    await world.merge(wider, [
      {
        chunks: [
          [
            { ...person(1, 'one', 0), city: 'Rome' },
            { ...person(2, 'one', 0), city: 'Oslo' },
          ],
        ],
      },
    ]);
    await world.merge(people, [{ chunks: [[person(1, 'two', 60)]] }], { runId: 'nightly-2' });
    expect((await world.rows(wider)).map((row) => [row['title'], row['city']])).toEqual([
      ['two', null],
      ['one', 'Oslo'],
    ]);
  });
});

describe('healed rows', () => {
  it('are those that only a rereading found', async () => {
    const world = await table();
    const changed = [
      person(1, 'two', 60),
      { ...person(2, 'two', 60), updated_at: at(50) },
      { ...person(3, 'two', 60), updated_at: at(40) },
    ];
    const flags = { healsBefore: at(50).toISOString() };
    const whole = await world.merge(people, [{ chunks: [changed, [person(4, 'one', 60)]], flags }], {
      runId: 'nightly-2',
    });
    expect(whole.counts).toMatchObject({ updated: 3, unchanged: 1, healed: 2 });
  });
});
