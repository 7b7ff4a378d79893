/** Compares random runs over a few ids, merged in any order, with a model of plain maps. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeTable } from '../../../lambdas/core/current/merge-table.ts';
import type { ReadScope } from '../../../lambdas/core/current/merge-input.ts';
import { CurrentModel, type ModelAnswer, type ModelCopy } from '../../support/current-model.ts';
import { recordChildReads } from '../../../lambdas/core/current/child-reads.ts';
import { notes, people } from '../../support/current-streams.ts';
import { at, CurrentWorld, smallLimits, type TestCopy } from '../../support/current-world.ts';

const ids = ['10', '9', '😀', '￿'];
const minutes = fc.integer({ min: 0, max: 120 });
const copy = fc.record({
  id: fc.constantFrom(...ids),
  word: fc.constantFrom('x', 'y', 'z'),
  updated: fc.option(fc.integer({ min: 0, max: 3 })),
  delay: fc.integer({ min: 0, max: 20 }),
});
const run = fc.record({
  asked: minutes,
  kind: fc.constantFrom('whole list' as const, 'by id' as const, 'window' as const),
  copies: fc.array(copy, { maxLength: 8 }),
  unknown: fc.subarray(ids),
  forced: fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 0),
  approved: fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 0),
});
type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

const lookback = 60;
const patience = 30;

/** Number of random histories. The environment variable RUNS sets another number. */
const numRuns = Number(process.env['RUNS'] ?? 15);
const patient = { timeout: 60_000 + 2_000 * numRuns };

/** The copies of a run as a task returns them, in the order of their requests. */
const modelCopies = ({ asked, copies }: Run): ModelCopy[] =>
  copies
    .map(({ id, word, updated, delay }) => ({ id, content: `${word} ${updated}`, updated, asked: asked + delay }))
    .toSorted((one, other) => one.asked - other.asked);

const testCopy = ({ id, content, updated, asked }: ModelCopy): TestCopy => ({
  id,
  title: content,
  updated_at: updated === null ? null : at(updated),
  _extracted_at: at(asked),
  _digest: content,
});

/** Ids that were not found by a run that reads by id: its unknown ids, except those for which it returned a row. */
const unknownOf = ({ copies, unknown }: Run) => unknown.filter((id) => copies.every((one) => one.id !== id));

function scopeOf(one: Run, number: number): ReadScope | undefined {
  const common = { taskId: `task.${number}`, askedAt: at(one.asked).toISOString() };
  if (one.kind === 'window') return undefined;
  return one.kind === 'whole list' ? { kind: 'list', ...common } : { kind: 'ids', ...common, missing: unknownOf(one) };
}

async function merge(world: CurrentWorld, one: Run, number: number) {
  const scope = scopeOf(one, number);
  const chunks = modelCopies(one).map((each) => [testCopy(each)]);
  const { forced, approved } = one;
  const task = scope ? { chunks, scope } : { chunks };
  const more = { runId: `nightly-${number}`, forced, approved, lookbackHours: lookback / 60 };
  const input = await world.input(people, [task], { ...more, confirmAfterSeconds: patience * 60 });
  return mergeTable(people, input, world.ports);
}

function learn(model: CurrentModel, one: Run, number: number): void {
  const run = `nightly-${number}`;
  model.learn(run, modelCopies(one), one.forced);
  if (one.kind === 'window') return;
  const answer: ModelAnswer = {
    asked: one.asked,
    kind: one.kind,
    unknown: one.kind === 'by id' ? unknownOf(one) : [],
    parents: [],
  };
  model.answer(run, answer, modelCopies(one), one.approved);
}

const byText = (one: string, other: string) => (one < other ? -1 : 1);

describe('a current table after random runs', patient, () => {
  it('holds what the model holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 8 }), async (runs) => {
        const world = new CurrentWorld();
        world.limits = smallLimits;
        const model = new CurrentModel(lookback, patience);
        for (const [number, one] of runs.entries()) {
          const result = await merge(world, one, number);
          learn(model, one, number);
          const rows = (await world.rows(people)).map((row) => ({
            id: row['id'],
            content: row['title'],
            asked: row['_extracted_at'],
          }));
          const expected = [...model.living.values()].map(({ copy: { id, content, asked } }) => ({
            id,
            content,
            asked: at(asked),
          }));
          const order = (list: { id: unknown }[]) => list.toSorted((a, b) => byText(String(a.id), String(b.id)));
          expect(order(rows)).toEqual(order(expected));
          const doubts = [...model.living].flatMap(([id, { doubt }]) =>
            doubt ? [{ id, parentId: null, since: at(doubt.first).toISOString(), runId: doubt.run }] : [],
          );
          expect(order([...result.suspects])).toEqual(order(doubts));
        }
      }),
      { numRuns },
    );
  });
});

const parents = ['p', 'q', 'r'];
const childRun = fc.record({
  asked: minutes,
  copies: fc.array(
    fc.record({
      parent: fc.constantFrom(...parents),
      id: fc.constantFrom('a', 'b'),
      word: fc.constantFrom('x', 'y', 'z'),
      updated: fc.option(fc.integer({ min: 0, max: 3 })),
      delay: fc.integer({ min: 0, max: 20 }),
    }),
    { maxLength: 8 },
  ),
  /** Parents whose children were read completely. */
  read: fc.subarray(parents),
  /** Parents for which the API answered 404. Those that are not in `read` are ignored. */
  missing: fc.subarray(parents),
  deleted: fc.subarray(parents),
  forced: fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 0),
});

describe('a table of children after random runs', patient, () => {
  it('holds what the model holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(childRun, { minLength: 1, maxLength: 8 }), async (runs) => {
        const world = new CurrentWorld();
        world.limits = smallLimits;
        const model = new CurrentModel(lookback, patience);
        for (const [number, { asked, copies, read, missing, deleted, forced }] of runs.entries()) {
          const runId = `nightly-${number}`;
          const given = copies.map(({ parent, id, word, updated, delay }) => ({
            id: `${parent}/${id}`,
            parent,
            content: `${word} ${updated}`,
            updated,
            asked: asked + delay,
          }));
          const lost = read.filter(
            (parent) => missing.includes(parent) && given.every((each) => each.parent !== parent),
          );
          const scope = {
            kind: 'parents' as const,
            taskId: 'notes.0',
            askedAt: at(asked).toISOString(),
            parents: read.filter((parent) => !lost.includes(parent)),
            missing: lost,
          };
          const chunks = [
            given.map((each) => ({ ...testCopy(each), person_id: each.parent, id: each.id.slice(2) })),
          ].filter((rows) => rows.length > 0);
          const more = { runId, forced, lookbackHours: lookback / 60, confirmAfterSeconds: patience * 60 };
          const deletedParents = deleted.map((id) => ({ id, at: at(asked).toISOString() }));
          const result = await world.merge(notes, [{ chunks, scope }], { ...more, deletedParents });
          await recordChildReads(
            scope.parents.map((parentId) => ({ table: 'notes', parentId, readAt: at(asked).toISOString(), runId })),
            world.ports,
          );
          model.learn(runId, given, forced, new Map(deleted.map((id) => [id, asked])));
          model.answer(runId, { asked, kind: 'children', unknown: [], parents: scope.parents }, given, false);
          const rows = (await world.rows(notes)).map((row) => [
            row['person_id'],
            row['id'],
            row['title'],
            row['_extracted_at'],
          ]);
          const expected = [...model.living.values()]
            .toSorted((one, other) => byText(one.copy.id, other.copy.id))
            .map(({ copy: { id, parent, content, asked } }) => [parent, id.slice(2), content, at(asked)]);
          expect(rows).toEqual(expected);
          const doubts = [...model.living].flatMap(([id, { doubt }]) =>
            doubt ? [`${id} ${at(doubt.first).toISOString()} ${doubt.run}`] : [],
          );
          expect(
            result.suspects.map((one) => `${one.parentId}/${one.id} ${one.since} ${one.runId}`).toSorted(),
          ).toEqual(doubts.toSorted());
        }
      }),
      { numRuns },
    );
  });
});
