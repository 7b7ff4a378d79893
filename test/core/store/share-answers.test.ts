import { beforeEach, expect, it } from 'vitest';
import { shareAnswers } from '../../../lambdas/core/store/share-answers.ts';
import type { ObjectStore } from '../../../lambdas/core/ports.ts';
import { changedStore } from '../../support/changed-store.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryStore } from '../../support/memory-store.ts';

let inner: MemoryStore;
let clock: FixedClock;
let asked: string[];
let store: ObjectStore;

beforeEach(() => {
  inner = new MemoryStore();
  clock = new FixedClock('2026-11-24T02:00:00.000Z');
  asked = [];
  const watched = changedStore(inner, {
    get: async (key) => {
      asked.push(`get ${key}`);
      return inner.get(key);
    },
    head: async (key) => {
      asked.push(`head ${key}`);
      return inner.head(key);
    },
  });
  store = shareAnswers(watched, (key) => key === 'shared', clock);
});

it('tasks that begin together ask once, also if the object is absent', async () => {
  expect(await Promise.all([store.get('shared'), store.get('shared'), store.head('shared')])).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(asked).toEqual(['get shared', 'head shared']);
});

it('any other object is asked for each time', async () => {
  await Promise.all([store.get('other'), store.get('other')]);
  expect(asked).toEqual(['get other', 'get other']);
});

it('a second later, the object is asked for again', async () => {
  await store.head('shared');
  await inner.put('shared', 'written by another function');
  clock.advance(1_000);
  expect(await store.head('shared')).toBeDefined();
});

it('an answer is shared for as long as the caller says', async () => {
  const longer = shareAnswers(inner, () => true, clock, 60_000);
  await longer.get('shared');
  await inner.put('shared', 'written by another function');
  clock.advance(59_000);
  expect(await longer.get('shared')).toBeUndefined();
  clock.advance(1_000);
  expect(await longer.get('shared')).toBeDefined();
});

it.each(['put', 'delete'] as const)('what the function itself does to the object shows at once: %s', async (change) => {
  if (change === 'delete') await inner.put('shared', 'old');
  await store.get('shared');
  if (change === 'put') await store.put('shared', 'new');
  else await store.delete('shared');
  expect(await store.get('shared')).toEqual(await inner.get('shared'));
});

it('an answer that failed is not shared with those who ask later', async () => {
  const failing = changedStore(inner, { get: async () => Promise.reject(new Error('S3 does not answer.')) });
  const sharing = shareAnswers(failing, () => true, clock);
  await expect(sharing.get('shared')).rejects.toThrow('S3');
  Object.assign(failing, { get: async (key: string) => inner.get(key) });
  expect(await sharing.get('shared')).toBeUndefined();
});
