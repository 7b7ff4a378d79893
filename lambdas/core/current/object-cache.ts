import type { ObjectStore } from '../ports.ts';
import { inBatches } from '../store/in-batches.ts';
import { DamagedObjectError, readObject } from '../store/stored-object.ts';

/** Reads immutable objects and keeps recent ones in memory. */
export interface ObjectCache {
  /** The body of an object. @throws DamagedObjectError if no object has the key */
  get(key: string): Promise<Uint8Array>;
  /** Yields the objects in the given order, each with its body. Up to 16 are read ahead. */
  each<T extends Named>(objects: readonly T[]): AsyncGenerator<readonly [T, Uint8Array]>;
}

interface Named {
  readonly key: string;
  /** Size of the object. */
  readonly bytes: number;
}

/** Most bytes in the cache. All objects of a refresh or a small nightly run fit, and the chunks of a batch of leads. */
const maxBytes = 8_000_000;
const mostAtOnce = 16;

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
    async *each(objects) {
      let ready = 0;
      for (const [at, object] of objects.entries()) {
        if (at === ready) {
          ready = endOfRead(objects, at);
          await inBatches(objects.slice(at, ready), ({ key }) => get(key));
        }
        yield [object, await get(object.key)] as const;
      }
    },
  };
}

/** End (exclusive) of the objects that are read at once, from `from`: never more than the cache holds. */
function endOfRead(objects: readonly Named[], from: number): number {
  let bytes = 0;
  let to = from;
  for (const object of objects.slice(from, from + mostAtOnce)) {
    bytes += object.bytes;
    if (to > from && bytes > maxBytes / 2) break;
    to += 1;
  }
  return to;
}
