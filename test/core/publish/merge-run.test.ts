import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../lambdas/contract/run.ts';
import type { Stream } from '../../../lambdas/contract/stream.ts';
import { DamagedTables } from '../../../lambdas/core/publish/damaged-tables.ts';
import { mergeRun } from '../../../lambdas/core/publish/merge-run.ts';
import type { TaskNode } from '../../../lambdas/core/publish/run-tree.ts';
import { changedStore } from '../../support/changed-store.ts';
import { people } from '../../support/current-streams.ts';
import { at, CurrentWorld } from '../../support/current-world.ts';

const firms: Stream = { ...people, name: 'firms' };
const startedAt = at(0).toISOString();
const runId = 'nightly-1';
const plan: Plan = {
  runId,
  kind: 'nightly',
  startedAt,
  deadline: startedAt,
  streams: [],
  tasks: [],
  fullRefresh: false,
};
const settings = { lookbackHours: 24, confirmAfterSeconds: 900, maxDeletedShare: 0.05 };
const former = { mergedAt: startedAt, tables: {}, due: {} };

/** A task that has stored one chunk. @param rows number of rows in the chunk's receipt */
async function landed(world: CurrentWorld, stream: Stream, rows: number): Promise<TaskNode> {
  const taskId = `${stream.name}.0`;
  const copies = ['a', 'b'].map((id) => ({ id, _extracted_at: at(1), _digest: id }));
  const { key, bytes } = await world.chunk(stream, runId, `${taskId}/0`, copies);
  const common = { taskId, stream: stream.name, sequence: 0, error: null, finishedAt: startedAt } as const;
  const files = [{ key, rows, bytes, sha256: stream.name }];
  const receipt = { ...common, status: 'done', rowsIn: rows, rowsOut: rows, rowsRejected: 0, files } as const;
  const chunks = [{ id: `${taskId}/0`, sequence: 0, rows, receipt }];
  return { task: { taskId, stream: stream.name, selection: { kind: 'list' } }, receipt: undefined, chunks };
}

/** Tables in the order in which a merge read their chunks or wrote their objects, without direct repetitions. */
async function turnsOf(rows: number): Promise<string[]> {
  const world = new CurrentWorld();
  const { store } = world;
  const tasks = [await landed(world, people, rows), await landed(world, firms, rows)];
  const turns: string[] = [];
  const note = (key: string) => {
    const table = /^(?:lake|current)\/(people|firms)\//.exec(key)?.[1];
    if (table !== undefined && turns.at(-1) !== table) turns.push(table);
  };
  const watched = changedStore(store, {
    get: (key) => {
      if (key.startsWith('lake/')) note(key);
      return store.get(key);
    },
    put: (...all) => {
      note(all[0]);
      return store.put(...all);
    },
  });
  const { done } = await mergeRun(
    { plan, approved: false },
    { tasks },
    { streams: [people, firms], settings, former, damaged: new DamagedTables({}, false) },
    { ...world.ports, store: watched },
  );
  expect(done).toBe(true);
  for (const stream of [people, firms]) expect(await world.rows(stream)).toHaveLength(2);
  return turns;
}

describe('the tables of a run', () => {
  it('are merged beside each other if they are small', async () => {
    expect((await turnsOf(2)).length).toBeGreaterThan(2);
  });

  it('are merged one after the other if two of them may not fit into the memory of a function', async () => {
    expect(await turnsOf(60_000)).toEqual(['people', 'firms']);
  });
});
