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
    const third = await world.merge(leads, [{ chunks: [], scope: ids(80, ['b']) }], { runId: 'confirm-1' });
    expect(third).toMatchObject({
      rows: 1,
      counts: { deleted: 1 },
      deleted: [{ id: 'b', at: at(80).toISOString() }],
      suspects: [],
    });
    expect(await titles(world)).toEqual(['a:one']);
  });
});
