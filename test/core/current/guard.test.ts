import { describe, expect, it } from 'vitest';
import type { MergeInput } from '../../../lambdas/core/current/merge-input.ts';
import { mergeTable } from '../../../lambdas/core/current/merge-table.ts';
import { notes, people } from '../../support/current-streams.ts';
import { at, CurrentWorld, type TestCopy } from '../../support/current-world.ts';

const person = (number: number, asked: number): TestCopy => ({
  id: `p${String(number).padStart(4, '0')}`,
  title: 'one',
  _extracted_at: at(asked),
  _digest: 'one',
});
const persons = (from: number, to: number, asked: number) =>
  Array.from({ length: to - from }, (_, place) => person(from + place, asked));
const list = (asked: number) => ({ kind: 'list', taskId: 'people.0', askedAt: at(asked).toISOString() }) as const;

/** A table of `count` people, all listed at minute 0. */
async function tableOf(count: number): Promise<CurrentWorld> {
  const world = new CurrentWorld();
  await world.merge(people, [{ chunks: [persons(0, count, 0)], scope: list(0) }]);
  return world;
}

/** Input of a merge of a list, read at minute 60, that has only the given people. */
async function shortList(world: CurrentWorld, given: TestCopy[], more: Partial<MergeInput> = {}) {
  const chunks = given.length > 0 ? [given] : [];
  return world.input(people, [{ chunks, scope: list(60) }], { runId: 'nightly-2', ...more });
}

describe('the guard against mass deletion', () => {
  it('allows twenty missing rows, whatever their share of the table', async () => {
    const world = await tableOf(30);
    const result = await mergeTable(people, await shortList(world, persons(20, 30, 60)), world.ports);
    expect(result).toMatchObject({ held: null, counts: { missing: 20 } });
    expect(result.suspects).toHaveLength(20);
  });

  it('holds more than twenty missing rows if they exceed the share', async () => {
    const world = await tableOf(400);
    const result = await mergeTable(people, await shortList(world, persons(21, 400, 60)), world.ports);
    expect(result).toMatchObject({
      rows: 400,
      suspects: [],
      deleted: [],
      held: { reason: 'too_many_missing', missing: 21, rows: 400 },
    });
  });

  it('allows missing rows below the share', async () => {
    const world = await tableOf(600);
    const result = await mergeTable(people, await shortList(world, persons(30, 600, 60)), world.ports);
    expect(result).toMatchObject({ held: null, counts: { missing: 30 } });
  });

  it('holds an empty list, however small the table', async () => {
    const world = await tableOf(1);
    const result = await mergeTable(people, await shortList(world, []), world.ports);
    expect(result).toMatchObject({ rows: 1, suspects: [], held: { reason: 'empty_list', missing: 1, rows: 1 } });
  });

  it('does not hold an empty list of an empty table', async () => {
    const world = new CurrentWorld();
    expect(await mergeTable(people, await shortList(world, []), world.ports)).toMatchObject({ held: null, rows: 0 });
  });

  it('keeps holding when the same input is merged again', async () => {
    const world = await tableOf(400);
    const input = await shortList(world, persons(100, 400, 60));
    const first = await mergeTable(people, input, world.ports);
    expect(await mergeTable(people, input, world.ports)).toEqual(first);
  });

  describe('when a second reading of the run follows', () => {
    const second = (asked: number) => ({ kind: 'list', taskId: 'people.1', askedAt: at(asked).toISOString() }) as const;

    /** Merges a list of 300 of 400 people, and then the second reading, which adds what the first one did not give. */
    async function readTwice(added: TestCopy[]) {
      const world = await tableOf(400);
      const first = { chunks: [persons(100, 400, 60)], scope: list(60) };
      const more = { runId: 'nightly-2' };
      expect((await world.merge(people, [first], more)).held).toMatchObject({ missing: 100 });
      const both = await world.input(people, [first, { chunks: [added], scope: second(65) }], more);
      const result = await mergeTable(people, both, world.ports);
      expect(await mergeTable(people, both, world.ports)).toEqual(result);
      return result;
    }

    it('holds nothing if it gives the rows', async () => {
      expect(await readTwice(persons(0, 400, 65))).toMatchObject({ held: null, rows: 400, suspects: [], deleted: [] });
    });

    it('suspects the few rows that neither gives', async () => {
      const { held, rows, suspects } = await readTwice(persons(10, 400, 65));
      expect({ held, rows, suspects: suspects.length }).toEqual({ held: null, rows: 400, suspects: 10 });
    });

    it('goes on holding what neither gives', async () => {
      expect(await readTwice(persons(50, 400, 65))).toMatchObject({
        held: { reason: 'too_many_missing', missing: 50 },
        rows: 400,
        deleted: [],
      });
    });
  });

  it('lets the rows be deleted at once when a person has approved', async () => {
    const world = await tableOf(400);
    const input = await shortList(world, persons(100, 400, 60));
    await mergeTable(people, input, world.ports);
    const result = await mergeTable(people, { ...input, approved: true }, world.ports);
    expect(result).toMatchObject({ done: true, rows: 300, held: null, suspects: [], counts: { deleted: 100 } });
    expect(result.deleted[0]).toEqual({ id: 'p0000', at: at(60).toISOString() });
  });

  it('keeps a row that was reread before a person approved', async () => {
    const world = await tableOf(400);
    const input = await shortList(world, persons(100, 400, 60));
    await mergeTable(people, input, world.ports);
    await world.merge(people, [{ chunks: [[{ ...person(7, 90), _digest: 'two' }]] }], { runId: 'refresh-1' });
    const result = await mergeTable(people, { ...input, approved: true }, world.ports);
    expect(result).toMatchObject({ rows: 301, counts: { deleted: 99 } });
  });
});

describe('the guard of a run that reads the children of many parents', () => {
  const note = (parent: number, asked: number): TestCopy => ({
    person_id: `p${parent}`,
    id: 'n',
    title: 'one',
    _extracted_at: at(asked),
    _digest: 'one',
  });
  const names = (from: number, to: number) => Array.from({ length: to - from }, (_, place) => `p${from + place}`);
  const task = (number: number, read: string[], missing: string[]) =>
    ({ kind: 'parents', taskId: `notes.${number}`, askedAt: at(60).toISOString(), parents: read, missing }) as const;

  async function childTable(): Promise<CurrentWorld> {
    const world = new CurrentWorld();
    const all = names(0, 200).map((_, number) => note(number, 0));
    await world.merge(notes, [
      { chunks: [all], scope: { ...task(0, names(0, 200), []), askedAt: at(0).toISOString() } },
    ]);
    return world;
  }

  it('counts across its tasks, and undoes the suspicions of the first ones', async () => {
    const world = await childTable();
    const first = await world.input(notes, [{ chunks: [], scope: task(1, names(0, 15), []) }], { runId: 'nightly-2' });
    expect(await mergeTable(notes, first, world.ports)).toMatchObject({ held: null, counts: { missing: 15 } });
    const both = { ...first, scopes: [...first.scopes, task(2, names(15, 30), [])] };
    const held = await mergeTable(notes, both, world.ports);
    expect(held).toMatchObject({ suspects: [], held: { reason: 'too_many_missing', missing: 30 } });
    const approved = await mergeTable(notes, { ...both, approved: true }, world.ports);
    expect(approved).toMatchObject({ rows: 170, held: null, counts: { deleted: 30 } });
  });

  it('holds if the API does not know more than half of at least twenty parents', async () => {
    const world = await childTable();
    const input = await world.input(
      notes,
      [
        {
          chunks: [names(11, 20).map((_, place) => note(11 + place, 60))],
          scope: task(1, names(11, 20), names(0, 11)),
        },
      ],
      { runId: 'nightly-2' },
    );
    expect(await mergeTable(notes, input, world.ports)).toMatchObject({
      suspects: [],
      held: { reason: 'too_many_parents_missing', parents: 20, parentsMissing: 11 },
    });
  });

  it('allows half of twenty parents to be unknown; their rows stay until the parents are deleted', async () => {
    const world = await childTable();
    const input = await world.input(
      notes,
      [
        {
          chunks: [names(10, 20).map((_, place) => note(10 + place, 60))],
          scope: task(1, names(10, 20), names(0, 10)),
        },
      ],
      { runId: 'nightly-2' },
    );
    expect(await mergeTable(notes, input, world.ports)).toMatchObject({
      held: null,
      rows: 200,
      suspects: [],
    });
  });
});
