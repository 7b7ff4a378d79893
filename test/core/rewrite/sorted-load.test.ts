import { expect, it } from 'vitest';
import { currentTableOf } from '../../../lambdas/contract/stream.ts';
import { mergeTable } from '../../../lambdas/core/current/merge-table.ts';
import { changeCurrent } from '../../../lambdas/core/rewrite/current-table.ts';
import { people } from '../../support/current-streams.ts';
import { at, CurrentWorld, smallLimits, type TestCopy } from '../../support/current-world.ts';
import { ample } from '../../support/fixed-clock.ts';

const copies = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'].map((id): TestCopy => ({ id, _extracted_at: at(0), _digest: id }));
const chunksOf = (ids: readonly TestCopy[]) => [{ chunks: ids.map((copy) => [copy]) }];

it('a row that is forgotten while a sorted load waits does not come back from its files', async () => {
  const world = new CurrentWorld();
  world.limits = smallLimits;
  let steps = 2;
  world.deadline = { remainingMilliseconds: () => ((steps -= 1) >= 0 ? 600_000 : 0) };
  const input = await world.input(people, chunksOf(copies));
  expect(await mergeTable(people, input, world.ports)).toMatchObject({ done: false });
  const forgotten = 'p5';
  await changeCurrent(
    { table: currentTableOf(people), stream: people },
    {
      rows: () => (row) => (row['id'] === forgotten ? undefined : row),
      matcher: undefined,
      state: (state) => state,
    },
    { spareAfter: at(0) },
    world.ports,
  );
  // The rewrite has removed the row from its chunk, too.
  const place = copies.findIndex(({ id }) => id === forgotten);
  const other = await world.chunk(people, 'nightly-1', 'other/0', copies.slice(0, 1));
  const chunks = input.chunks.map((chunk, number) => (number === place ? { ...other, id: chunk.id } : chunk));
  world.deadline = ample;
  expect(await mergeTable(people, { ...input, chunks }, world.ports)).toMatchObject({ done: true, rows: 5 });
  expect((await world.rows(people)).map(({ id }) => id)).toEqual(['p1', 'p2', 'p3', 'p4', 'p6']);
});
