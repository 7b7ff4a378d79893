import { expect, it } from 'vitest';
import { rewriteWorkKey } from '../../../lambdas/contract/object-keys.ts';
import { undoDays } from '../../../lambdas/contract/retention.ts';
import type { ObjectStore } from '../../../lambdas/core/ports.ts';
import { changedStore } from '../../support/changed-store.ts';
import { ForgetWorld, personTexts } from '../../support/forget-world.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { objectsHolding } from '../../support/person-search.ts';

/** The store, and the versions of objects that were replaced or deleted, which the bucket keeps. */
function versioned(store: ObjectStore, now: () => Date) {
  const older: { readonly key: string; readonly version: MemoryStore; readonly replacedAt: Date }[] = [];
  const keep = async (key: string) => {
    const object = await store.get(key);
    if (!object) return;
    const version = new MemoryStore();
    version.objects.set(key, object);
    older.push({ key, version, replacedAt: now() });
  };
  const keeping = changedStore(store, {
    async put(key, body, options) {
      await keep(key);
      return store.put(key, body, options);
    },
    async delete(key) {
      await keep(key);
      await store.delete(key);
    },
  });
  return { store: keeping, older };
}

it('older versions of objects hold the person only where the receipt says so, and expire by the day that it names', async () => {
  const world = new ForgetWorld();
  await world.plant();
  const { store, older } = versioned(world.pipeline.store, () => world.clock.now());
  const receipt = await world.forget(undefined, { store });
  const held: (typeof older)[number][] = [];
  for (const one of older) if ((await objectsHolding(one.version, personTexts)).length > 0) held.push(one);
  expect(held.length).toBeGreaterThan(30);
  const named = Object.keys(receipt.touched);
  // The object that stores the unfinished work names the persons until the work is done. The receipt does not count it.
  const unnamed = held.filter(
    ({ key }) => key !== rewriteWorkKey && !named.some((place) => key.startsWith(`${place}/`)),
  );
  expect(unnamed.map(({ key }) => key)).toEqual([]);
  const until = Date.parse(receipt.versionsExpireOn ?? '');
  const late = held.filter(({ replacedAt }) => replacedAt.getTime() + undoDays * 86_400_000 > until);
  expect(late).toEqual([]);
});
