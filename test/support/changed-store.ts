import type { ObjectStore } from '../../lambdas/core/ports.ts';

/**
 * The store with some methods replaced. All others call the store's current methods, which a test may replace later.
 */
export function changedStore(store: ObjectStore, changes: Partial<ObjectStore>): ObjectStore {
  return {
    get: (key) => store.get(key),
    head: (key) => store.head(key),
    put: (...of) => store.put(...of),
    delete: (key) => store.delete(key),
    list: (prefix) => store.list(prefix),
    ...changes,
  };
}
