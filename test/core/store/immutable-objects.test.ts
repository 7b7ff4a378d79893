import { beforeEach, describe, expect, it } from 'vitest';
import { planKey, reportKey, roundKey } from '../../../lambdas/contract/object-keys.ts';
import { versionKey } from '../../../lambdas/contract/current-keys.ts';
import type { ObjectStore } from '../../../lambdas/core/ports.ts';
import { rememberImmutable } from '../../../lambdas/core/store/immutable-objects.ts';
import { changedStore } from '../../support/changed-store.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const run = 'nightly-20261124T020000Z';
let inner: MemoryStore;
let reads: string[];
let store: ObjectStore;

beforeEach(() => {
  inner = new MemoryStore();
  reads = [];
  const watched = changedStore(inner, {
    get: async (key) => {
      reads.push(key);
      return inner.get(key);
    },
  });
  store = rememberImmutable(watched);
});

const textOf = async (key: string) => {
  const object = await store.get(key);
  return object && new TextDecoder().decode(object.body);
};

describe('objects that never change', () => {
  it.each([planKey(run), roundKey(run, 2), versionKey('leads', 3)])('are read once: %s', async (key) => {
    await inner.put(key, 'text');
    expect([await textOf(key), await textOf(key)]).toEqual(['text', 'text']);
    expect(reads).toEqual([key]);
  });

  it('are not read after this process has written them', async () => {
    await store.put(planKey(run), 'mine', { ifAbsent: true });
    expect([await textOf(planKey(run)), reads]).toEqual(['mine', []]);
  });

  it('are those of another writer who was first', async () => {
    await inner.put(planKey(run), 'theirs');
    expect(await store.put(planKey(run), 'mine', { ifAbsent: true })).toBe(false);
    expect(await textOf(planKey(run))).toBe('theirs');
  });

  it('are looked for again if they were absent', async () => {
    expect(await textOf(planKey(run))).toBeUndefined();
    await inner.put(planKey(run), 'later');
    expect(await textOf(planKey(run))).toBe('later');
  });

  it('are gone once this process has deleted them', async () => {
    await store.put(versionKey('leads', 1), 'old');
    await store.delete(versionKey('leads', 1));
    expect(await textOf(versionKey('leads', 1))).toBeUndefined();
  });

  it('are forgotten, oldest first, beyond four megabytes; large ones are never kept', async () => {
    const part = new Uint8Array(125_000);
    for (let version = 1; version <= 40; version += 1) await store.put(versionKey('leads', version), part);
    await store.put(versionKey('leads', 41), new Uint8Array(150_000));
    for (const version of [1, 40, 41]) await store.get(versionKey('leads', version));
    expect(reads).toEqual([versionKey('leads', 1), versionKey('leads', 41)]);
  });
});

it('an object that can change is read each time', async () => {
  await store.put(reportKey(run), 'one');
  await inner.put(reportKey(run), 'two');
  expect([await textOf(reportKey(run)), await textOf(reportKey(run))]).toEqual(['two', 'two']);
  expect(reads).toHaveLength(2);
});
