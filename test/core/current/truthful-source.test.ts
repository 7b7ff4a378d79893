/**
 * A source that never lies is read repeatedly while it changes. In whatever order its answers are merged, the table
 * equals the source once a complete list and the requests that confirm deletions are merged as well.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordChildReads } from '../../../lambdas/core/current/child-reads.ts';
import { mergeTable } from '../../../lambdas/core/current/merge-table.ts';
import type { MergeInput, SuspectRow } from '../../../lambdas/core/current/merge-input.ts';
import { notes, people } from '../../support/current-streams.ts';
import { at, CurrentWorld, smallLimits, type TestCopy, type TestTask } from '../../support/current-world.ts';

/** Number of random histories. The environment variable RUNS sets another number. */
const numRuns = Number(process.env['RUNS'] ?? 15);
const patient = { timeout: 60_000 + 2_000 * numRuns };

const ids = ['a', 'b', 'c', 'd'];
const parents = ['p', 'q'];

/** A change of a row at a minute: the row was written (and perhaps moved to another parent) or deleted. */
const event = fc.record({
  minute: fc.integer({ min: 1, max: 190 }),
  id: fc.constantFrom(...ids),
  parent: fc.option(fc.constantFrom(...parents), { nil: 'p' }),
  isDeletion: fc.boolean(),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

const reading = fc.record({
  minute: fc.integer({ min: 0, max: 190 }),
  kind: fc.constantFrom('whole' as const, 'changes' as const, 'by id' as const),
  /** Minutes between two rows of the answer. */
  pace: fc.integer({ min: 0, max: 3 }),
  ids: fc.subarray(ids, { minLength: 1 }),
});
type Reading = typeof reading extends fc.Arbitrary<infer T> ? T : never;

interface SourceRow {
  readonly id: string;
  readonly parent: string;
  readonly written: number;
}

/**
 * Rows of the source at a minute. One row is never deleted, so that no list is empty: the merge ignores an empty list.
 */
function sourceAt(events: readonly Event[], minute: number): SourceRow[] {
  const rows = new Map<string, SourceRow>([['always', { id: 'always', parent: 'p', written: 0 }]]);
  for (const { minute: written, id, parent, isDeletion } of events.toSorted((a, b) => a.minute - b.minute)) {
    if (written > minute) break;
    if (isDeletion) rows.delete(id);
    else rows.set(id, { id, parent, written });
  }
  return [...rows.values()];
}

function copyOf({ id, parent, written }: SourceRow, asked: number, isChild: boolean): TestCopy {
  const says = `${parent} ${written}`;
  const row = { id, title: says, updated_at: at(written), _extracted_at: at(asked), _digest: says };
  return isChild ? { ...row, person_id: parent } : row;
}

/** Reads a list while it changes: each row is returned as it is at its own minute. */
function paged(
  events: readonly Event[],
  wanted: readonly string[],
  { minute, pace }: Reading,
  isChild: boolean,
): TestCopy[] {
  return wanted.flatMap((id, place) => {
    const asked = minute + place * pace;
    const row = sourceAt(events, asked).find((one) => one.id === id);
    return row ? [copyOf(row, asked, isChild)] : [];
  });
}

function taskOf(events: readonly Event[], one: Reading): TestTask {
  const askedAt = at(one.minute).toISOString();
  const all = ['always', ...ids];
  if (one.kind === 'whole')
    return { chunks: [paged(events, all, one, false)], scope: { kind: 'list', taskId: 'people.0', askedAt } };
  if (one.kind === 'changes') return { chunks: [paged(events, one.ids, one, false)] };
  const given = paged(events, one.ids, { ...one, pace: 0 }, false);
  const missing = one.ids.filter((id) => given.every((row) => row['id'] !== id));
  return { chunks: [given], scope: { kind: 'ids', taskId: 'people.0', askedAt, missing } };
}

const last = { minute: 200, kind: 'whole' as const, pace: 0, ids };
const settings = (runId: string) => ({ runId, lookbackHours: 1, confirmAfterSeconds: 900 });
const byId = (one: SuspectRow) => one.id ?? '';

describe('a source that never lies', patient, () => {
  it('is what the table holds in the end, in whatever order its readings are merged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 8 }),
        fc.array(reading, { maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        async (events, readings, random) => {
          const world = new CurrentWorld();
          world.limits = smallLimits;
          const inputs: MergeInput[] = [];
          for (const [number, one] of [...readings, last].entries())
            inputs.push(await world.input(people, [taskOf(events, one)], settings(`nightly-${number}`)));
          const order = inputs
            .map((input) => ({ input, rank: random.next().value }))
            .toSorted((a, b) => a.rank - b.rank);
          for (const { input } of order) await mergeTable(people, input, world.ports);
          const { suspects } = await world.merge(people, [], settings('look-1'));
          const question = { minute: 230, kind: 'by id' as const, pace: 0, ids: ['always', ...suspects.map(byId)] };
          const answer = await world.merge(people, [taskOf(events, question)], settings('confirm-1'));
          expect(answer.suspects).toEqual([]);
          const rows = (await world.rows(people)).map((row) => [row['id'], row['title']]);
          const truth = sourceAt(events, 230).map(({ id, parent, written }) => [id, `${parent} ${written}`]);
          expect(rows).toEqual(truth.toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1)));
        },
      ),
      { numRuns },
    );
  });

  it('shows each child under one parent in the end, however often it moves', async () => {
    const childTask = (events: readonly Event[], one: Reading, whose: readonly string[]): TestTask => ({
      chunks: [paged(events, ['always', ...ids], one, true).filter((row) => whose.includes(String(row['person_id'])))],
      scope: { kind: 'parents', taskId: 'notes.0', askedAt: at(one.minute).toISOString(), parents: whose, missing: [] },
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 8 }),
        fc.array(fc.record({ minute: fc.integer({ min: 0, max: 190 }), whose: fc.subarray(parents) }), {
          maxLength: 5,
        }),
        fc.infiniteStream(fc.nat()),
        async (events, readings, random) => {
          const world = new CurrentWorld();
          world.limits = smallLimits;
          const all = [...readings, { minute: 200, whose: parents }];
          const order = all.map((one, number) => ({ one, number, rank: random.next().value }));
          const merge = async (minute: number, whose: readonly string[], runId: string) => {
            await world.merge(notes, [childTask(events, { ...last, minute }, whose)], settings(runId));
            const readAt = at(minute).toISOString();
            await recordChildReads(
              whose.map((parentId) => ({ table: 'notes', parentId, readAt, runId })),
              world.ports,
            );
          };
          for (const { one, number } of order.toSorted((a, b) => a.rank - b.rank))
            await merge(one.minute, one.whose, `nightly-${number}`);
          await merge(230, parents, 'confirm-1');
          const rows = (await world.rows(notes)).map((row) => [row['person_id'], row['id'], row['title']].join('/'));
          const truth = sourceAt(events, 230).map(({ id, parent, written }) => `${parent}/${id}/${parent} ${written}`);
          expect(rows).toEqual(truth.toSorted());
        },
      ),
      { numRuns },
    );
  });
});
