import { readdir, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { prefixes } from '../../lambdas/contract/object-keys.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';

/**
 * The store of a local folder, with the files that somebody has put below its `lake/` by hand: a query reads
 * them, and the embedded cloud knows nothing of them.
 */
export function withStrayFiles(store: ObjectStore, folder: string): ObjectStore {
  return {
    ...store,
    head: (key) => store.head(key),
    async get(key) {
      const known = await store.get(key);
      if (known || !key.startsWith(prefixes.lake)) return known;
      const body = await readFile(join(folder, key)).catch(() => undefined);
      return body && { body, etag: '', metadata: {} };
    },
    async *list(prefix) {
      const known = new Set<string>();
      for await (const object of store.list(prefix)) {
        known.add(object.key);
        yield object;
      }
      if (!prefix.startsWith(prefixes.lake)) return;
      for (const key of await filesBelow(folder, prefix.slice(0, prefix.lastIndexOf('/')))) {
        const path = join(folder, key);
        const found = known.has(key) || !key.startsWith(prefix) ? undefined : await stat(path).catch(() => undefined);
        // Not one that was written since the listing.
        if (found?.isFile() && !(await store.head(key))) yield { key, etag: '', size: found.size };
      }
    },
  };
}

/** Keys of all that lies below a folder of the store. */
async function filesBelow(folder: string, below: string): Promise<string[]> {
  const names = await readdir(join(folder, below), { recursive: true }).catch(() => []);
  return names.map((name) => `${below}/${name.split(sep).join('/')}`).toSorted();
}
