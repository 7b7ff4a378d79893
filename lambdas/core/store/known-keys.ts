import type { ObjectStore } from '../ports.ts';

interface Listed {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

/** Objects below a prefix, by key. */
type Listing = Map<string, Listed>;

/**
 * The store for a short piece of work, which lists a prefix once. After that it knows which objects are below the
 * prefix: it does not ask for absent ones, nor list the prefix again. Objects that others write meanwhile show only in a
 * write whose condition fails; then the prefix is no longer known. So the work sees the prefix as it was when the work
 * began, and what the work itself has written.
 * @param isListedOnce whether this holds for a prefix that is listed
 * @param empty prefixes below which nobody else can have written
 */
export function rememberKeys(
  store: ObjectStore,
  isListedOnce: (prefix: string) => boolean,
  empty: readonly string[] = [],
): ObjectStore {
  const listings = new Map<string, Listing>(empty.map((prefix) => [prefix, new Map()]));
  const coverOf = (key: string) => listings.entries().find(([prefix]) => key.startsWith(prefix));
  const isAbsent = (key: string) => coverOf(key)?.[1].has(key) === false;
  let writes = 0;

  return {
    get: async (key) => (isAbsent(key) ? undefined : store.get(key)),
    head: async (key) => (isAbsent(key) ? undefined : store.head(key)),
    async put(key, body, options) {
      const isWritten = await store.put(key, body, options);
      const [prefix = '', listing] = coverOf(key) ?? [];
      if (!isWritten) listings.delete(prefix);
      writes += 1;
      // Nobody compares this ETag with one that the store gives: both differ, so the object is read.
      listing?.set(key, { key, etag: `written ${writes}`, size: Buffer.byteLength(body) });
      return isWritten;
    },
    async delete(key) {
      await store.delete(key);
      coverOf(key)?.[1].delete(key);
    },
    async *list(prefix) {
      let listing = coverOf(prefix)?.[1];
      if (!listing) {
        if (!isListedOnce(prefix)) {
          yield* store.list(prefix);
          return;
        }
        listing = new Map();
        for await (const one of store.list(prefix)) listing.set(one.key, one);
        listings.set(prefix, listing);
      }
      const below = [...listing.values()].filter(({ key }) => key.startsWith(prefix));
      yield* below.toSorted((one, other) => (one.key < other.key ? -1 : 1));
    },
  };
}
