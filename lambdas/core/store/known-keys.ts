import type { ObjectStore } from '../ports.ts';

interface Listed {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

/** Objects below a prefix, by key. */
type Listing = Map<string, Listed>;

/**
 * Wraps a store for a short piece of work. A prefix is listed once; after that, the store sends no requests for objects
 * that the listing lacks. So the work sees the prefix as it was when the work began, plus what the work itself wrote.
 * An object that another process writes meanwhile is noticed only if a conditional write fails because of it; then the
 * prefix is requested again.
 * @param isListedOnce whether this prefix is listed only once
 * @param known prefixes below which no other process can have written, each with the keys that exist there
 */
export function rememberKeys(
  store: ObjectStore,
  isListedOnce: (prefix: string) => boolean,
  known: ReadonlyMap<string, readonly string[]> = new Map(),
): ObjectStore {
  const listings = new Map<string, Listing>(
    [...known].map(([prefix, keys]) => [prefix, new Map(keys.map((key) => [key, { key, etag: '', size: 0 }]))]),
  );
  const coverOf = (key: string) => listings.entries().find(([prefix]) => key.startsWith(prefix));
  const isAbsent = (key: string) => coverOf(key)?.[1].has(key) === false;
  /** Listings that are being read. Reads of the same prefix at the same time share one. */
  const underWay = new Map<string, Promise<Listing>>();
  let writes = 0;

  const listOnce = async (prefix: string): Promise<Listing> => {
    const listing: Listing = new Map();
    for await (const one of store.list(prefix)) listing.set(one.key, one);
    listings.set(prefix, listing);
    return listing;
  };

  return {
    get: async (key) => (isAbsent(key) ? undefined : store.get(key)),
    head: async (key) => (isAbsent(key) ? undefined : store.head(key)),
    async put(key, body, options) {
      const isWritten = await store.put(key, body, options);
      const [prefix = '', listing] = coverOf(key) ?? [];
      if (!isWritten) listings.delete(prefix);
      writes += 1;
      // This ETag is made up. It differs from the store's, so whoever compares the two reads the object.
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
        const reading = underWay.get(prefix) ?? listOnce(prefix).finally(() => underWay.delete(prefix));
        underWay.set(prefix, reading);
        listing = await reading;
      }
      const below = [...listing.values()].filter(({ key }) => key.startsWith(prefix));
      yield* below.toSorted((one, other) => (one.key < other.key ? -1 : 1));
    },
  };
}
