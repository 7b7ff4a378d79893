import { expect, it } from 'vitest';
import { rewriteWorkKey } from '../../../lambdas/contract/object-keys.ts';
import type { ObjectStore } from '../../../lambdas/core/ports.ts';
import { ForgetWorld, personTexts } from '../../support/forget-world.ts';
import { objectsHolding } from '../../support/person-search.ts';

class Killed extends Error {}

/** The store of a process that is killed right after its n-th write. */
function killedAfter(store: ObjectStore, writes: number): ObjectStore {
  let left = writes;
  const counted = <T>(work: Promise<T>): Promise<T> =>
    work.then((result) => {
      left -= 1;
      if (left <= 0) throw new Killed();
      return result;
    });
  const live = <T>(work: () => T): T => {
    if (left <= 0) throw new Killed();
    return work();
  };
  return {
    get: (key) => live(() => store.get(key)),
    head: (key) => live(() => store.head(key)),
    list: (prefix) => live(() => store.list(prefix)),
    put: (key, body, options) => live(() => counted(store.put(key, body, options))),
    delete: (key) => live(() => counted(store.delete(key))),
  };
}

it('forgetting that is killed after any write and started again ends as if it had not been', {
  timeout: 900_000,
}, async () => {
  const world = new ForgetWorld();
  await world.plant();
  const { store } = world.pipeline;
  const planted = new Map(store.objects);
  const restore = () => {
    store.objects.clear();
    for (const [key, object] of planted) store.objects.set(key, object);
  };
  const undisturbed = await world.forget();
  const others = await world.otherRows();
  const faults: string[] = [];
  let kills = 0;
  for (let writes = 1; ; writes += 1) {
    restore();
    const killed = await world.forget(undefined, { store: killedAfter(store, writes) }).then(
      () => false,
      (error: unknown) => {
        if (error instanceof Killed) return true;
        throw error;
      },
    );
    const isOver = killed && store.objects.get(rewriteWorkKey) === undefined && store.keys('state/forget/').length > 0;
    if (!killed) break;
    kills += 1;
    const receipt = isOver ? undisturbed : await world.forget();
    const held = await objectsHolding(store, personTexts);
    if (held.length > 0) faults.push(`after write ${writes}: ${held.join(', ')} hold the person`);
    if (JSON.stringify(await world.otherRows()) !== JSON.stringify(others))
      faults.push(`after write ${writes}: other rows changed`);
    const found = await world.audit();
    if (found.files.lost.length + found.files.missingRecords.length > 0)
      faults.push(`after write ${writes}: the audit finds damage`);
    const removed = ({ touched }: typeof receipt) =>
      Object.entries(touched)
        .filter(([place]) => place.startsWith('lake/') || place.startsWith('raw/'))
        .map(([place, counts]) => `${place} ${counts.removed}`)
        .toSorted();
    if (JSON.stringify(removed(receipt)) !== JSON.stringify(removed(undisturbed)))
      faults.push(`after write ${writes}: the receipt says ${removed(receipt).join(', ')}`);
  }
  expect(faults).toEqual([]);
  expect(kills).toBeGreaterThan(40);
});
