import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { ObjectStore, PutOptions, StoredObject } from '../lambdas/core/ports.ts';

/** Stores objects as files and counts the calls. Only one process at a time may use a folder. */
export class FolderStore implements ObjectStore {
  readonly calls = { get: 0, head: 0, put: 0, delete: 0, list: 0 };
  readonly bytes = { read: 0, written: 0 };
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(key: string): Promise<StoredObject | undefined> {
    this.calls.get += 1;
    const body = await readFile(join(this.#folder, key)).catch(() => undefined);
    this.bytes.read += body?.byteLength ?? 0;
    return body && { body, etag: etagOf(body), metadata: {} };
  }

  async head(key: string): Promise<Omit<StoredObject, 'body'> | undefined> {
    this.calls.head += 1;
    const body = await readFile(join(this.#folder, key)).catch(() => undefined);
    return body && { etag: etagOf(body), metadata: {} };
  }

  async put(key: string, body: Uint8Array | string, { ifAbsent, ifMatch }: PutOptions = {}): Promise<boolean> {
    this.calls.put += 1;
    const path = join(this.#folder, key);
    if (ifAbsent === true && (await stat(path).catch(() => undefined))) return false;
    if (ifMatch !== undefined) {
      const stored = await readFile(path).catch(() => undefined);
      if (!stored || etagOf(stored) !== ifMatch) return false;
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, body);
    await rename(`${path}.part`, path);
    this.bytes.written += body.length;
    return true;
  }

  async delete(key: string): Promise<void> {
    this.calls.delete += 1;
    await rm(join(this.#folder, key), { force: true });
  }

  async *list(prefix: string): AsyncIterable<{ key: string; etag: string; size: number }> {
    this.calls.list += 1;
    const folder = dirname(`${prefix}x`);
    const entries = await readdir(join(this.#folder, folder), { recursive: true, withFileTypes: true }).catch(() => []);
    const keys = entries.flatMap((one) =>
      one.isFile() ? [relative(this.#folder, join(one.parentPath, one.name)).replaceAll(sep, '/')] : [],
    );
    for (const key of keys.toSorted((one, other) => (one < other ? -1 : 1))) {
      const found = key.startsWith(prefix) ? await stat(join(this.#folder, key)).catch(() => undefined) : undefined;
      // Reading each file for its digest would take longer than the listing that is measured.
      if (found) yield { key, etag: `${found.mtimeMs} ${found.size}`, size: found.size };
    }
  }
}

function etagOf(body: Uint8Array): string {
  return createHash('md5').update(body).digest('hex');
}
