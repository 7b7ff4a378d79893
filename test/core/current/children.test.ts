import { describe, expect, it } from 'vitest';
import { recordChildReads } from '../../../lambdas/core/current/child-reads.ts';
import { childReads } from '../../../lambdas/contract/pipeline-tables.ts';
import { readCurrent } from '../../../lambdas/core/current/read-current.ts';
import { at, CurrentWorld, type TestCopy } from '../../support/current-world.ts';
import { notes } from '../../support/current-streams.ts';

const note = (person: string, id: string, title: string, asked: number): TestCopy => ({
  person_id: person,
  id,
  title,
  _extracted_at: at(asked),
  _digest: title,
});

const parents = (asked: number, read: string[], missing: string[] = [], taskId = 'notes.0') =>
  ({ kind: 'parents', taskId, askedAt: at(asked).toISOString(), parents: read, missing }) as const;

const readings = (asked: number, ...ids: string[]) =>
  ids.map((parentId) => ({ table: 'notes', parentId, readAt: at(asked).toISOString(), runId: 'nightly-1' }));

const names = async (world: CurrentWorld) =>
  (await world.rows(notes)).map((row) => [row['person_id'], row['id'], row['title']].join(' '));

describe('the children of a row', () => {
  it('are replaced when they are reread, once a second reading agrees', async () => {
    const world = new CurrentWorld();
    await world.merge(notes, [
      {
        chunks: [[note('p', 'a', 'one', 0), note('p', 'b', 'one', 0), note('q', 'a', 'one', 0)]],
        scope: parents(0, ['p', 'q']),
      },
    ]);
    for (const asked of [60, 90])
      await world.merge(notes, [{ chunks: [[note('p', 'a', 'two', asked)]], scope: parents(asked, ['p']) }], {
        runId: `refresh-${asked}`,
      });
    expect(await names(world)).toEqual(['p a two', 'q a one']);
  });

  it('are deleted with their parent', async () => {
    const world = new CurrentWorld();
    await world.merge(notes, [
      { chunks: [[note('p', 'a', 'one', 0), note('q', 'a', 'one', 0)]], scope: parents(0, ['p', 'q']) },
    ]);
    const deletedParents = [{ id: 'p', at: at(60).toISOString() }];
    const result = await world.merge(notes, [], { runId: 'confirm-1', deletedParents });
    expect(result).toMatchObject({ rows: 1, counts: { deleted: 1 }, deleted: [{ id: 'a' }] });
    expect(await names(world)).toEqual(['q a one']);
  });

  it('are not suspected by a reading that is merged late, if a later reading found them', async () => {
    const world = new CurrentWorld();
    await world.merge(notes, [{ chunks: [[note('p', 'a', 'one', 0)]], scope: parents(0, ['p']) }]);
    await world.merge(notes, [{ chunks: [[note('p', 'a', 'one', 60)]], scope: parents(60, ['p']) }], {
      runId: 'nightly-2',
    });
    await recordChildReads(readings(60, 'p'), world.ports);
    const late = await world.merge(notes, [{ chunks: [], scope: parents(30, ['p']) }], { runId: 'refresh-1' });
    expect(late).toMatchObject({ suspects: [], counts: { missing: 0 } });
  });

  it('stay if they were read after their parent was found deleted', async () => {
    const world = new CurrentWorld();
    await world.merge(notes, [{ chunks: [[note('p', 'a', 'one', 0), note('p', 'b', 'one', 90)]] }]);
    const deletedParents = [{ id: 'p', at: at(60).toISOString() }];
    await world.merge(notes, [{ chunks: [[note('p', 'c', 'late', 30)]] }], { runId: 'confirm-1', deletedParents });
    expect(await names(world)).toEqual(['p b one']);
  });

  it('are deleted although they were read later, if a person approved the deletion of their parent', async () => {
    const world = new CurrentWorld();
    await world.merge(notes, [{ chunks: [[note('p', 'a', 'one', 0), note('p', 'b', 'one', 90)]] }]);
    const deletedParents = [{ id: 'p', at: at(60).toISOString() }];
    const result = await world.merge(notes, [], { runId: 'nightly-2', approved: true, deletedParents });
    expect(result.deleted).toEqual([
      { id: 'a', at: at(60).toISOString() },
      { id: 'b', at: at(90).toISOString() },
    ]);
    expect(await names(world)).toEqual([]);
  });

  it('lose to a later reading if they arrive late', async () => {
    const world = new CurrentWorld();
    await world.merge(notes, [{ chunks: [[note('p', 'a', 'one', 0)]], scope: parents(0, ['p']) }]);
    await world.merge(notes, [{ chunks: [[note('p', 'a', 'one', 60)]], scope: parents(60, ['p']) }], {
      runId: 'nightly-2',
    });
    await recordChildReads(readings(60, 'p'), world.ports);
    const late = await world.merge(notes, [{ chunks: [[note('p', 'a', 'late', 30)]] }], { runId: 'refresh-1' });
    expect(late.counts).toMatchObject({ updated: 0, outdated: 1 });
    expect(await names(world)).toEqual(['p a one']);
  });
});

describe('the ledger of child readings', () => {
  it('holds the latest reading of each parent', async () => {
    const world = new CurrentWorld();
    await recordChildReads([...readings(0, 'q', 'p'), ...readings(10, 'q')], world.ports);
    await recordChildReads([...readings(5, 'q'), ...readings(7, 'r', 'p')], world.ports);
    const seen: unknown[] = [];
    for await (const { parent_id: ids = [], read_at: times = [] } of readCurrent(
      childReads,
      ['parent_id', 'read_at'],
      world.ports,
    ))
      seen.push(...ids.map((id, row) => [id, times[row]]));
    expect(seen).toEqual([
      ['p', at(7)],
      ['q', at(10)],
      ['r', at(7)],
    ]);
  });
});
