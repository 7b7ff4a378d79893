import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { currentTableOf } from '../../../lambdas/contract/stream.ts';
import { mergeTable } from '../../../lambdas/core/current/merge-table.ts';
import type { MergeInput } from '../../../lambdas/core/current/merge-input.ts';
import { copyOf, expectOneAfterTheOther, seen, watched, type Writer } from '../../support/current-races.ts';
import { people } from '../../support/current-streams.ts';
import { at, CurrentWorld, type TestCopy } from '../../support/current-world.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { KillableProcess } from '../../support/killable-process.ts';

const person = (id: string, title: string, asked: number): TestCopy => ({
  id,
  title,
  _extracted_at: at(asked),
  _digest: title,
});
const many = (count: number, title: string, asked: number) =>
  Array.from({ length: count }, (_, number) => person(`p${number}`, title, asked));
const list = (asked: number) => ({ kind: 'list', taskId: 'people.0', askedAt: at(asked).toISOString() }) as const;

/**
 * Thirty people. Three were missing from the last list; they are deleted if the next request does not find them either.
 */
async function begun(): Promise<CurrentWorld> {
  const world = new CurrentWorld(new MemoryStore());
  await world.merge(people, [{ chunks: [many(30, 'one', 1)], scope: list(0) }], { runId: 'nightly-1' });
  await world.merge(people, [{ chunks: [many(27, 'one', 61)], scope: list(60) }], { runId: 'nightly-2' });
  return world;
}

/** Input of a merge that deletes two of the missing rows, finds the third again, and changes and adds rows. */
const confirming = (world: CurrentWorld) =>
  world.input(
    people,
    [
      {
        chunks: [[person('p1', 'two', 90), person('new', 'one', 90)], [person('p29', 'one', 91)]],
        scope: { kind: 'ids', taskId: 'people.ids', askedAt: at(90).toISOString(), missing: ['p27', 'p28'] },
      },
    ],
    { runId: 'confirm-1' },
  );

const merging =
  (input: MergeInput): Writer =>
  (ports) =>
    mergeTable(people, input, ports);

/** Each test repeats a merge some fifty times, each time disturbed at another step. */
const patient = { timeout: 120_000 };

describe('a merge that is killed', patient, () => {
  let world: CurrentWorld;
  let input: MergeInput;
  beforeEach(async () => {
    world = await begun();
    input = await confirming(world);
  });

  it('at any step is completed by the next merge as if nothing had happened', async () => {
    const calm = copyOf(world);
    await mergeTable(people, input, calm.ports);
    const expected = await seen(calm, people);
    expect(expected.tombstones).toHaveLength(2);
    expect(expected.isPointed).toBe(true);
    for (const when of ['before', 'after'] as const) {
      for (let step = 0, isOver = false; !isOver; step += 1) {
        const trial = copyOf(world);
        const killable = new KillableProcess({ at: step, when });
        const { catalog, store } = trial;
        const ports = { ...trial.ports, store: killable.store(store), catalog: killable.catalog(catalog) };
        await mergeTable(people, input, ports).catch(() => undefined);
        isOver = !killable.isDead;
        await mergeTable(people, input, trial.ports);
        expect(await seen(trial, people), `killed ${when} step ${step}`).toEqual(expected);
      }
    }
  });
});

describe('two merges at once', patient, () => {
  it('end as if one followed the other, wherever the second one starts', async () => {
    const world = await begun();
    const first = await confirming(world);
    const second = await world.input(
      people,
      [{ chunks: [[person('p1', 'three', 95), person('p27', 'one', 95), person('p5', 'three', 95)]], scope: list(94) }],
      { runId: 'refresh-1', approved: true },
    );
    await expectOneAfterTheOther(world, people, merging(first), merging(second));
  });

  it('end as if one followed the other, in whatever order their steps come', async () => {
    const world = await begun();
    const listed = [{ chunks: [many(29, 'three', 95)], scope: list(94) }];
    const inputs = [await confirming(world), await world.input(people, listed, { runId: 'nightly-3' })];
    const orders = [inputs, inputs.toReversed()].map(async (ordered) => {
      const trial = copyOf(world);
      for (const input of ordered) await mergeTable(people, input, trial.ports);
      return seen(trial, people);
    });
    const possible = await Promise.all(orders);
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const trial = copyOf(world);
        const ports = watched(trial.ports, () => scheduler.schedule(Promise.resolve()));
        await scheduler.waitFor(Promise.all(inputs.map((input) => mergeTable(people, input, ports))));
        expect(possible).toContainEqual(await seen(trial, people));
      }),
      { numRuns: 20 },
    );
  });

  it('of the same run end like one merge', async () => {
    const world = await begun();
    const input = await confirming(world);
    await expectOneAfterTheOther(world, people, merging(input), merging(input));
  });
});

it('the current table has no column for tombstones', () => {
  expect(Object.keys(currentTableOf(people).columns)).not.toContain('_deleted_at');
});
