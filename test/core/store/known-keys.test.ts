import { expect, it } from 'vitest';
import { rememberKeys } from '../../../lambdas/core/store/known-keys.ts';
import { MemoryStore } from '../../support/memory-store.ts';

/** A store that records its requests, and a view of it that already knows the keys below `run/`. */
async function startWork(known?: ReadonlyMap<string, readonly string[]>) {
  const inner = new MemoryStore();
  await inner.put('run/plan', 'plan');
  await inner.put('run/sent/1', '');
  const asked: string[] = [];
  for (const name of ['get', 'head'] as const) {
    const original = inner[name].bind(inner);
    Object.assign(inner, {
      [name]: (key: string) => {
        asked.push(`${name} ${key}`);
        return original(key);
      },
    });
  }
  const list = inner.list.bind(inner);
  inner.list = (prefix) => {
    asked.push(`list ${prefix}`);
    return list(prefix);
  };
  const store = rememberKeys(inner, (prefix) => prefix === 'run/', known);
  const keys = async (prefix: string) => {
    const found: string[] = [];
    for await (const { key } of store.list(prefix)) found.push(key);
    return found;
  };
  return { inner, asked, store, keys };
}

it('below a listed prefix, absent objects and narrower lists are not asked for', async () => {
  const { asked, store, keys } = await startWork();
  expect(await keys('run/')).toEqual(['run/plan', 'run/sent/1']);
  expect(await keys('run/sent/')).toEqual(['run/sent/1']);
  expect([await store.get('run/report'), await store.head('run/aborted')]).toEqual([undefined, undefined]);
  expect(await store.get('run/plan')).toBeDefined();
  expect(asked).toEqual(['list run/', 'get run/plan']);
});

it('a prefix that is listed several times at once is asked for once', async () => {
  const { asked, keys } = await startWork();
  const [one, other] = await Promise.all([keys('run/'), keys('run/')]);
  expect(one).toEqual(['run/plan', 'run/sent/1']);
  expect(other).toEqual(one);
  expect(asked).toEqual(['list run/']);
});

it('any other prefix is asked for each time', async () => {
  const { asked, store, keys } = await startWork();
  await keys('other/');
  await keys('other/');
  await store.head('other/one');
  expect(asked).toEqual(['list other/', 'list other/', 'head other/one']);
});

it('what the work itself writes and deletes is known, in the order of the keys', async () => {
  const { inner, store, keys } = await startWork();
  await keys('run/');
  await store.put('run/convert', 'c');
  await store.delete('run/sent/1');
  expect(await keys('run/')).toEqual(['run/convert', 'run/plan']);
  expect(await store.get('run/convert')).toEqual(await inner.get('run/convert'));
  expect(await store.get('run/sent/1')).toBeUndefined();
});

it('a write that another writer has forestalled shows that the prefix must be asked for again', async () => {
  const { inner, store, keys } = await startWork();
  await keys('run/');
  await inner.put('run/report', 'theirs');
  await inner.put('run/round', 'theirs');
  expect(await store.get('run/report')).toBeUndefined();
  expect(await store.put('run/round', 'mine', { ifAbsent: true })).toBe(false);
  expect(await store.get('run/report')).toBeDefined();
  expect(await keys('run/')).toContain('run/report');
});

it('a prefix whose keys are known is never listed', async () => {
  const { asked, store, keys } = await startWork(new Map([['run/', ['run/plan']]]));
  expect([await keys('run/'), await store.head('run/report')]).toEqual([['run/plan'], undefined]);
  expect(asked).toEqual([]);
});
