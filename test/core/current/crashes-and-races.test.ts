import { beforeEach, describe, expect, it } from 'vitest';
import { readJson } from '../../../lambdas/core/store/stored-json.ts';
import { stateProperty } from '../../../lambdas/contract/current-keys.ts';
import { currentTableOf } from '../../../lambdas/contract/stream.ts';
import { mergeTable } from '../../../lambdas/core/current/merge-table.ts';
import { mergeState } from '../../../lambdas/core/current/merge-state.ts';
import type { MergeInput } from '../../../lambdas/core/current/merge-input.ts';
import { loadTable } from '../../../lambdas/core/iceberg/table.ts';
import { readParquet } from '../../../lambdas/core/rows/parquet/read.ts';
import { people } from '../../support/current-streams.ts';
import { at, CurrentWorld, type TestCopy } from '../../support/current-world.ts';
import { warehouse } from '../../support/iceberg-table.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { Mortal } from '../../support/mortal-ports.ts';

const person = (id: string, title: string, asked: number): TestCopy => ({
  id,
  title,
  _extracted_at: at(asked),
  _digest: title,
});
const many = (count: number, title: string, asked: number) =>
  Array.from({ length: count }, (_, number) => person(`p${number}`, title, asked));
const list = (asked: number) => ({ kind: 'list', taskId: 'people.0', askedAt: at(asked).toISOString() }) as const;

/** Thirty people, three of them suspected of being deleted. */
async function begun(): Promise<CurrentWorld> {
  const world = new CurrentWorld(new MemoryStore());
  await world.merge(people, [{ chunks: [many(30, 'one', 1)], scope: list(0) }], { runId: 'nightly-1' });
  await world.merge(people, [{ chunks: [many(27, 'one', 61)], scope: list(60) }], { runId: 'nightly-2' });
  return world;
}

/** A copy of the world with its own store. */
function copyOf(world: CurrentWorld): CurrentWorld {
  const store = new MemoryStore();
  if (world.store instanceof MemoryStore)
    for (const [key, object] of world.store.objects) store.objects.set(key, object);
  const copy = new CurrentWorld(store);
  for (const [table, pointer] of world.catalog.pointers) copy.catalog.pointers.set(table, pointer);
  return copy;
}

async function stateOf({ store }: CurrentWorld) {
  const live = await loadTable(store, warehouse, people.name);
  const state = await readJson(store, live?.properties[stateProperty] ?? '', mergeState);
  return { version: live?.version, state: state?.value };
}

/** What a reader can see of the table and its history. */
async function seen(world: CurrentWorld) {
  const { version, state } = await stateOf(world);
  const tombstones: unknown[] = [];
  for await (const { key } of world.store.list('lake/people/')) {
    if (!key.includes('-deleted-')) continue;
    const object = await world.store.get(key);
    tombstones.push(...(await readParquet(object?.body ?? new Uint8Array(), ['id', '_run_id', '_deleted_at'])));
  }
  return {
    rows: await world.rows(people),
    tombstones,
    suspects: state?.suspects,
    lastList: state?.lastList,
    counts: Object.fromEntries(Object.entries(state?.runs ?? {}).map(([run, { counts }]) => [run, counts])),
    isPointed: world.catalog.pointers.get('people')?.version === version,
  };
}

/** Deletes two of the suspected rows, finds the third again, and changes and adds rows. */
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

describe('a merge that is killed', () => {
  let world: CurrentWorld;
  let input: MergeInput;
  beforeEach(async () => {
    world = await begun();
    input = await confirming(world);
  });

  it('at any step is completed by the next merge as if nothing had happened', async () => {
    const calm = copyOf(world);
    await mergeTable(people, input, calm.ports);
    const expected = await seen(calm);
    expect(expected.tombstones).toHaveLength(2);
    expect(expected.isPointed).toBe(true);
    for (const when of ['before', 'after'] as const) {
      for (let step = 0, isOver = false; !isOver; step += 1) {
        const trial = copyOf(world);
        const mortal = new Mortal({ at: step, when });
        const { catalog, store } = trial;
        const ports = { ...trial.ports, store: mortal.store(store), catalog: mortal.catalog(catalog) };
        await mergeTable(people, input, ports).catch(() => undefined);
        isOver = !mortal.isDead;
        await mergeTable(people, input, trial.ports);
        expect(await seen(trial), `killed ${when} step ${step}`).toEqual(expected);
      }
    }
  });
});

describe('two merges at once', () => {
  it('end as if one followed the other, wherever the second one starts', async () => {
    const world = await begun();
    const first = await confirming(world);
    const second = await world.input(
      people,
      [{ chunks: [[person('p1', 'three', 95), person('p27', 'one', 95), person('p5', 'three', 95)]], scope: list(94) }],
      { runId: 'refresh-1', approved: true },
    );
    await expectOneAfterTheOther(world, first, second);
  });

  it('of the same run end like one merge', async () => {
    const world = await begun();
    const input = await confirming(world);
    await expectOneAfterTheOther(world, input, input);
  });
});

async function expectOneAfterTheOther(world: CurrentWorld, first: MergeInput, second: MergeInput): Promise<void> {
  const inOrder = async (inputs: readonly MergeInput[]) => {
    const trial = copyOf(world);
    for (const input of inputs) await mergeTable(people, input, trial.ports);
    return seen(trial);
  };
  const possible = [await inOrder([first, second]), await inOrder([second, first])];
  for (let step = 0, isOver = false; !isOver; step += 1) {
    const trial = copyOf(world);
    let steps = 0;
    const intrude = async () => {
      steps += 1;
      if (steps === step + 1) await mergeTable(people, second, trial.ports);
    };
    const { store } = trial;
    const watched = {
      ...trial.ports,
      store: {
        get: async (key: string) => (await intrude(), store.get(key)),
        head: async (key: string) => (await intrude(), store.head(key)),
        put: async (...all: Parameters<typeof store.put>) => (await intrude(), store.put(...all)),
        delete: async (key: string) => (await intrude(), store.delete(key)),
        list: (prefix: string) => store.list(prefix),
      },
    };
    await mergeTable(people, first, watched);
    isOver = steps <= step;
    if (!isOver) expect(possible, `step ${step}`).toContainEqual(await seen(trial));
  }
}

it('the current table has no column for tombstones', () => {
  expect(Object.keys(currentTableOf(people).columns)).not.toContain('_deleted_at');
});
