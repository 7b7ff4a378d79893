import type { ObjectStore } from '../ports.ts';
import { inBatches } from '../store/in-batches.ts';
import { DamagedObjectError, readObject } from '../store/stored-object.ts';

/** Immutable objects, read once if they are used again soon. */
export interface ObjectCache {
  /** @throws DamagedObjectError if there is none under the key */
  get(key: string): Promise<Uint8Array>;
  /** Reads what is about to be used, many at once. */
  prepare(keys: readonly string[]): Promise<void>;
}

/** Data files are at most 48 MB; a refresh or a small night fits whole. */
const maxBytes = 64_000_000;

export function createObjectCache(store: ObjectStore): ObjectCache {
  const cached = new Map<string, Uint8Array>();
  let size = 0;

  const get = async (key: string) => {
    const known = cached.get(key);
    if (known) return known;
    const object = await readObject(store, key);
    if (!object) throw new DamagedObjectError(key, 'is missing');
    if (!cached.has(key)) size += object.body.byteLength;
    cached.set(key, object.body);
    for (const [oldest, body] of cached) {
      if (size <= maxBytes) break;
      cached.delete(oldest);
      size -= body.byteLength;
    }
    return object.body;
  };

  return {
    get,
    async prepare(keys) {
      await inBatches(keys, get);
    },
  };
}
