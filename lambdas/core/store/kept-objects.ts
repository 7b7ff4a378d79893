import type { ObjectStore, PutOptions, StoredObject } from '../ports.ts';

interface Kept extends StoredObject {
  readonly options: PutOptions;
}

/** Keeps objects in memory instead of storing them, for work that nobody else knows of. */
export interface KeptObjects {
  /** The store with the kept objects. */
  readonly store: ObjectStore;
  /** Stores the kept objects for which this is true, so that others can go on with the work. */
  storeThose(isWanted: (key: string) => boolean): Promise<void>;
}

export function keepObjects(store: ObjectStore, isKept: (key: string) => boolean): KeptObjects {
  const kept = new Map<string, Kept>();
  let writes = 0;
  const holds = (key: string, { ifAbsent, ifMatch }: PutOptions) =>
    !(ifAbsent && kept.has(key)) && (ifMatch === undefined || kept.get(key)?.etag === ifMatch);

  return {
    store: {
      get: async (key) => (isKept(key) ? kept.get(key) : store.get(key)),
      head: async (key) => (isKept(key) ? kept.get(key) : store.head(key)),
      async put(key, body, options = {}) {
        if (!isKept(key)) return store.put(key, body, options);
        if (!holds(key, options)) return false;
        writes += 1;
        const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
        kept.set(key, { body: bytes, etag: `kept ${writes}`, metadata: options.metadata ?? {}, options });
        return true;
      },
      async delete(key) {
        if (isKept(key)) kept.delete(key);
        else await store.delete(key);
      },
      async *list(prefix) {
        yield* store.list(prefix);
        for (const [key, { body, etag }] of kept)
          if (key.startsWith(prefix)) yield { key, etag, size: body.byteLength };
      },
    },
    async storeThose(isWanted) {
      for (const [
        key,
        {
          body,
          options: { ifMatch: _, ...options },
        },
      ] of kept)
        if (isWanted(key)) await store.put(key, body, options);
    },
  };
}
