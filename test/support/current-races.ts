import { expect } from 'vitest';
import { stateProperty } from '../../lambdas/contract/current-keys.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { mergeState } from '../../lambdas/core/current/merge-state.ts';
import type { MergePorts } from '../../lambdas/core/current/table-draft.ts';
import { loadTable, readSnapshot } from '../../lambdas/core/iceberg/table.ts';
import { readParquet } from '../../lambdas/core/rows/parquet/read.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { CurrentWorld } from './current-world.ts';
import { warehouse } from './iceberg-table.ts';
import { MemoryStore } from './memory-store.ts';

/** Something that writes to a current table. */
export type Writer = (ports: MergePorts) => Promise<unknown>;

/** A copy of the world with its own store, catalog and clock. */
export function copyOf(world: CurrentWorld): CurrentWorld {
  const store = new MemoryStore();
  if (world.store instanceof MemoryStore)
    for (const [key, object] of world.store.objects) store.objects.set(key, object);
  const copy = new CurrentWorld(store);
  copy.limits = world.limits;
  copy.clock.advance(world.clock.now().getTime() - copy.clock.now().getTime());
  for (const [table, pointer] of world.catalog.pointers) copy.catalog.pointers.set(table, pointer);
  return copy;
}

/** What a reader can see of a table and its history. */
export async function seen(world: CurrentWorld, stream: Stream) {
  const { store } = world;
  const live = await loadTable(store, warehouse, stream.name);
  const state = (await readJson(store, live?.properties[stateProperty] ?? '', mergeState))?.value;
  const tombstones: unknown[] = [];
  for await (const { key } of store.list(`lake/${stream.name}/`)) {
    if (!key.includes('-deleted-')) continue;
    const object = await store.get(key);
    tombstones.push(...(await readParquet(key, object?.body ?? new Uint8Array(), ['id', '_run_id', '_deleted_at'])));
  }
  const lost: string[] = [];
  for (const snapshot of live?.metadata.snapshots ?? [])
    for (const key of (await readSnapshot(store, warehouse, snapshot)).keys)
      if (!(await store.head(key))) lost.push(key);
  return {
    rows: await world.rows(stream),
    tombstones,
    /** Keys of objects that a snapshot names and that do not exist. */
    lost,
    suspects: state?.suspects,
    lastList: state?.lastList,
    counts: Object.fromEntries(Object.entries(state?.runs ?? {}).map(([run, { counts }]) => [run, counts])),
    isPointed: world.catalog.pointers.get(stream.name)?.metadataUri === live?.metadataUri,
  };
}

/**
 * Lets the second writer do all of its work before one step of the first writer; tries each step of the first. Each
 * time, the table must be as if one writer had followed the other.
 * @returns the number of steps
 */
export async function expectOneAfterTheOther(
  world: CurrentWorld,
  stream: Stream,
  first: Writer,
  second: Writer,
): Promise<number> {
  const inOrder = async (writers: readonly Writer[]) => {
    const trial = copyOf(world);
    for (const write of writers) await write(trial.ports);
    return seen(trial, stream);
  };
  const possible = [await inOrder([first, second]), await inOrder([second, first])];
  for (let step = 0; ; step += 1) {
    const trial = copyOf(world);
    let steps = 0;
    const intrude = async () => {
      steps += 1;
      if (steps === step + 1) await second(trial.ports);
    };
    await first(watched(trial.ports, intrude));
    if (steps <= step) return steps;
    expect(possible, `step ${step}`).toContainEqual(await seen(trial, stream));
  }
}

/** Ports that call `before` before each step. */
export function watched(ports: MergePorts, before: () => Promise<void>): MergePorts {
  const { store, catalog } = ports;
  return {
    ...ports,
    store: {
      get: async (key) => (await before(), store.get(key)),
      head: async (key) => (await before(), store.head(key)),
      put: async (...all) => (await before(), store.put(...all)),
      delete: async (key) => (await before(), store.delete(key)),
      list: async function* (prefix) {
        await before();
        yield* store.list(prefix);
      },
    },
    catalog: { point: async (...all) => (await before(), catalog.point(...all)) },
  };
}
