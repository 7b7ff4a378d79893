import { readdir, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { ReadableStore } from '../../lambdas/core/ports.ts';

/** Reads the files in the folder of a local run as objects, without the embedded cloud. */
export function folderObjects(out: string): ReadableStore {
  return {
    async get(key) {
      const body = await readFile(join(out, key)).catch(() => undefined);
      return body && { body, etag: '', metadata: {} };
    },
    async *list(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const names = await readdir(join(out, folder), { recursive: true }).catch(() => []);
      for (const key of names.map((name) => `${folder}${name.split(sep).join('/')}`).toSorted()) {
        const found = key.startsWith(prefix) ? await stat(join(out, key)).catch(() => undefined) : undefined;
        if (found?.isFile()) yield { key, etag: '', size: found.size };
      }
    },
  };
}
