import { describe, expect, it } from 'vitest';
import { versionOf } from '../../../lambdas/contract/current-keys.ts';
import { loadTable } from '../../../lambdas/core/iceberg/table.ts';
import { DamagedObjectError } from '../../../lambdas/core/store/stored-object.ts';
import { commit, firstVersion, now, people, warehouse } from '../../support/iceberg-table.ts';
import { MemoryStore } from '../../support/memory-store.ts';

describe('a table', () => {
  it('is undefined before its first commit', async () => {
    expect(await loadTable(new MemoryStore(), warehouse, 'people')).toBeUndefined();
  });

  it('is found by its full name, even if another name begins with it', async () => {
    const { store } = await firstVersion();
    expect(await loadTable(store, warehouse, 'peopl')).toBeUndefined();
  });

  it('has version 10 after version 9', async () => {
    const { store, table } = await firstVersion();
    let newest = table;
    for (let n = 2; n <= 11; n += 1)
      newest = (await commit(store, newest, { table: people, properties: { n: String(n) }, now })) ?? newest;
    expect((await loadTable(store, warehouse, 'people'))?.properties['n']).toBe('11');
  });

  it('names the object that is missing or damaged', async () => {
    const { store } = await firstVersion();
    for (const key of store.keys('current/people/metadata/')) {
      const object = await store.get(key);
      await store.put(key, 'x');
      await expect(loadTable(store, warehouse, 'people')).rejects.toThrow(`${key} does not have the form`);
      await store.put(key, object?.body ?? '');
      if (versionOf(key) !== undefined) continue;
      await store.delete(key);
      await expect(loadTable(store, warehouse, 'people')).rejects.toThrow(new DamagedObjectError(key, 'is missing'));
      await store.put(key, object?.body ?? '');
    }
  });
});
