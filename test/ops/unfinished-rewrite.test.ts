import { expect, it } from 'vitest';
import { rewriteWorkKey } from '../../lambdas/contract/object-keys.ts';
import { Damage } from '../../ops/lake/damage.ts';
import { unfinishedRewrite } from '../../ops/rewrite/unfinished.ts';
import { MemoryStore } from '../support/memory-store.ts';

it('status says that a forgetting is not finished, also to an observer, who may not see whom it forgets', async () => {
  const store = new MemoryStore();
  const told = () => unfinishedRewrite({ store }, new Damage());
  expect(await told()).toBeUndefined();
  store.get = (key) => {
    expect(key).toBe(rewriteWorkKey);
    return Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' }));
  };
  expect(await told()).toMatch(/^A forget or a rehash is not finished\./);
  store.get = () => Promise.reject(new Error('broken'));
  await expect(told()).rejects.toThrow('broken');
});
