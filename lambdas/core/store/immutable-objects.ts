import { isImmutable } from '../../contract/immutable-keys.ts';
import type { ObjectStore, StoredObject } from '../ports.ts';

/**
 * Maximum bytes of one cached object, and of the whole cache. A small run and the metadata of all tables fit. The files
 * of a large load are larger: they are read once, and would only fill the cache.
 */
const maxObjectBytes = 128 * 1024;
const maxBytes = 4 * 1024 * 1024;

/**
 * Adds to a store a cache of the objects that never change. A process reads each of these objects at most once, and
 * never one that it wrote itself.
 */
export const rememberImmutable = (store: ObjectStore): ObjectStore => rememberObjects(store, isImmutable);

/** Adds a cache to a store. It holds small objects that nobody else changes while the store is used. */
export function rememberObjects(store: ObjectStore, isRemembered: (key: string) => boolean): ObjectStore {
  const kept = new Map<string, StoredObject>();
  let size = 0;

  const forget = (key: string) => {
    size -= kept.get(key)?.body.byteLength ?? 0;
    kept.delete(key);
  };
  const keep = (key: string, object: StoredObject) => {
    forget(key);
    if (!isRemembered(key) || object.body.byteLength > maxObjectBytes) return;
    kept.set(key, object);
    size += object.body.byteLength;
    for (const oldest of kept.keys()) {
      if (size <= maxBytes) break;
      forget(oldest);
    }
  };

  return {
    head: (key) => store.head(key),
    list: (prefix) => store.list(prefix),
    async get(key) {
      const known = kept.get(key);
      if (known) return known;
      const object = await store.get(key);
      if (object) keep(key, object);
      return object;
    },
    async put(key, body, options = {}) {
      const isWritten = await store.put(key, body, options);
      // The ETag is left empty: immutable objects are not overwritten, so no condition needs it.
      const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
      if (isWritten) keep(key, { body: bytes, etag: '', metadata: options.metadata ?? {} });
      return isWritten;
    },
    async delete(key) {
      forget(key);
      await store.delete(key);
    },
  };
}
