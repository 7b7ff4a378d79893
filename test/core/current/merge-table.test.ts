import { describe, expect, it } from 'vitest';
import { people as leads } from '../../support/current-streams.ts';
import { at, CurrentWorld, type TestCopy } from '../../support/current-world.ts';

const lead = (id: string, title: string, asked: number, updated: number | null = asked): TestCopy => ({
  id,
  title,
  updated_at: updated === null ? null : at(updated),
  _extracted_at: at(asked),
  _digest: `${title} ${updated}`,
});

const list = (asked: number, taskId = 'leads.all') =>
  ({ kind: 'list', taskId, askedAt: at(asked).toISOString() }) as const;
const ids = (asked: number, missing: string[], taskId = 'leads.ids') =>
  ({ kind: 'ids', taskId, askedAt: at(asked).toISOString(), missing }) as const;

const titles = async (world: CurrentWorld) =>
  (await world.rows(leads)).map((row) => [row['id'], row['title']].join(':'));

describe('a current table', () => {
  it('holds the newest copy of each row', async () => {
    const world = new CurrentWorld();
    const first = await world.merge(leads, [{ chunks: [[lead('b', 'old', 1), lead('a', 'one', 1)]], scope: list(0) }]);
    expect(first).toMatchObject({ done: true, rows: 2, counts: { inserted: 2, updated: 0 } });
    const second = await world.merge(leads, [{ chunks: [[lead('b', 'new', 60), lead('c', 'one', 60)]] }], {
      runId: 'nightly-2',
    });
    expect(second).toMatchObject({ done: true, rows: 3, counts: { inserted: 1, updated: 1 } });
    expect(await titles(world)).toEqual(['a:one', 'b:new', 'c:one']);
    expect(world.catalog.pointers.get('people')?.version).toBe(2);
  });

  it('does not care how a run is called: one of a mistyped year wins only while it was the last to ask', async () => {
    const world = new CurrentWorld();
    await world.merge(leads, [{ chunks: [[lead('a', 'old', 1)]], scope: list(0) }], {
      runId: 'nightly-99991231T020000000Z',
    });
    await world.merge(leads, [{ chunks: [[lead('a', 'new', 60)]], scope: list(59) }], { runId: 'nightly-2' });
    expect(await titles(world)).toEqual(['a:new']);
  });

  it('changes nothing if the same is merged again', async () => {
    const world = new CurrentWorld();
    const input = await world.input(leads, [{ chunks: [[lead('a', 'one', 1)]], scope: list(0) }]);
    const { mergeTable } = await import('../../../lambdas/core/current/merge-table.ts');
    const first = await mergeTable(leads, input, world.ports);
    expect(await mergeTable(leads, input, world.ports)).toEqual(first);
    expect(world.catalog.pointers.get('people')?.version).toBe(1);
  });

  it('deletes a row once a second question agrees', async () => {
    const world = new CurrentWorld();
    await world.merge(leads, [{ chunks: [[lead('a', 'one', 1), lead('b', 'one', 1)]], scope: list(0) }]);
    const second = await world.merge(leads, [{ chunks: [[lead('a', 'one', 60, 1)]], scope: list(59) }], {
      runId: 'nightly-2',
    });
    expect(second).toMatchObject({
      rows: 2,
      counts: { unchanged: 1, missing: 1 },
      suspects: [{ id: 'b', runId: 'nightly-2' }],
    });
    const control = [lead('a', 'one', 80, 1)];
    const third = await world.merge(leads, [{ chunks: [control], scope: ids(80, ['b']) }], { runId: 'confirm-1' });
    expect(third).toMatchObject({
      rows: 1,
      counts: { deleted: 1 },
      deleted: [{ id: 'b', at: at(80).toISOString() }],
      suspects: [],
    });
    expect(await titles(world)).toEqual(['a:one']);
  });

  it.each([
    ['a second question that comes too soon', { chunks: [], scope: ids(73, ['b']) }],
    ['a second list, if the API can be asked by id', { chunks: [[lead('a', 'one', 1440, 1)]], scope: list(1439) }],
    ['a question that was asked before the row was read', { chunks: [], scope: ids(0, ['b']) }],
    ['a second question that finds no row at all', { chunks: [], scope: ids(80, ['b']) }],
    ['a window without the row', { chunks: [[lead('a', 'one', 80, 1)]] }],
  ])('does not delete a suspected row for %s', async (_, task) => {
    const world = new CurrentWorld();
    await world.merge(leads, [{ chunks: [[lead('a', 'one', 1), lead('b', 'one', 1)]], scope: list(0) }]);
    await world.merge(leads, [{ chunks: [[lead('a', 'one', 60, 1)]], scope: list(59) }], { runId: 'nightly-2' });
    expect(await world.merge(leads, [task], { runId: 'nightly-3' })).toMatchObject({
      rows: 2,
      suspects: [{ id: 'b' }],
    });
  });

  it('clears a suspicion when the row is read again', async () => {
    const world = new CurrentWorld();
    await world.merge(leads, [{ chunks: [[lead('a', 'one', 1), lead('b', 'one', 1)]], scope: list(0) }]);
    await world.merge(leads, [{ chunks: [[lead('a', 'one', 60, 1)]], scope: list(59) }], { runId: 'nightly-2' });
    const found = await world.merge(leads, [{ chunks: [[lead('b', 'one', 70, 1)]] }], { runId: 'refresh-1' });
    expect(found).toMatchObject({ rows: 2, suspects: [], counts: { unchanged: 1 } });
  });

  it('restores a deleted row only if a copy was requested after the deletion', async () => {
    const world = new CurrentWorld();
    await world.merge(leads, [{ chunks: [[lead('a', 'one', 1), lead('b', 'one', 1)]], scope: list(0) }]);
    for (const asked of [60, 80])
      await world.merge(leads, [{ chunks: [[lead('a', 'one', asked, 1)]], scope: ids(asked, ['b']) }], {
        runId: `confirm-${asked}`,
      });
    expect(await titles(world)).toEqual(['a:one']);
    await world.merge(leads, [{ chunks: [[lead('b', 'late', 79, 79)]] }], { runId: 'refresh-1' });
    expect(await titles(world)).toEqual(['a:one']);
    await world.merge(leads, [{ chunks: [[lead('b', 'back', 81, 0)]] }], { runId: 'refresh-2' });
    expect(await titles(world)).toEqual(['a:one', 'b:back']);
  });

  it('keeps a row whose rival has an older time, until the API returns the row again', async () => {
    const world = new CurrentWorld();
    await world.merge(leads, [{ chunks: [[lead('a', 'new', 0, 20)]], scope: list(0) }]);
    await world.merge(leads, [{ chunks: [[lead('a', 'lagging', 60, 10)]], scope: list(60) }], { runId: 'nightly-2' });
    expect(await titles(world)).toEqual(['a:new']);
    // Minute 1441 is more than a day (the lookback) after the current copy, but less than a day after the lagging copy.
    await world.merge(leads, [{ chunks: [[lead('a', 'back', 1441, 10)]] }], { runId: 'refresh-1' });
    expect(await titles(world)).toEqual(['a:back']);
  });

  it('keeps a row that was confirmed by id, if an older copy arrives late', async () => {
    const world = new CurrentWorld();
    await world.merge(leads, [{ chunks: [[lead('a', 'one', 0, null)]], scope: list(0) }]);
    await world.merge(leads, [{ chunks: [[lead('a', 'one', 60, null)]], scope: ids(60, []) }], { runId: 'refresh-1' });
    await world.merge(leads, [{ chunks: [[lead('a', 'late', 30, null)]] }], { runId: 'nightly-2' });
    expect(await titles(world)).toEqual(['a:one']);
  });
});
