import type { ObjectStore } from '../../lambdas/core/ports.ts';

/** The store with some methods replaced. The others are those that the store has when they are called. */
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
