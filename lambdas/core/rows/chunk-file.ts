/** A chunk as it is stored: its lines in UTF-8, each ended by a line feed, as gzip. */

import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import type { ObjectStore } from '../ports.ts';
import { DamagedObjectError, decodeObject, readObject } from '../store/stored-object.ts';

/** The lines of a chunk one by one, unpacked piece by piece. @throws DamagedObjectError that names the key */
export async function* eachLineOf(key: string, body: Uint8Array): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of unpacked(key, body)) {
    const text = decoder.decode(piece, { stream: true });
    const end = text.lastIndexOf('\n');
    if (end >= 0) yield* (rest + text.slice(0, end)).split('\n');
    rest = end < 0 ? rest + text : text.slice(end + 1);
  }
}

async function* unpacked(key: string, body: Uint8Array): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of Readable.from([body]).pipe(createGunzip())) if (piece instanceof Uint8Array) yield piece;
  } catch {
    throw new DamagedObjectError(key, damaged);
  }
}

const damaged = 'is not a complete gzip file';

/**
 * The lines of the chunk under this key, or undefined if there is none.
 * @throws DamagedObjectError
 */
export async function readChunk(store: ObjectStore, key: string): Promise<string[] | undefined> {
  const object = await readObject(store, key);
  return object && linesOf(chunkBytes(key, object.body));
}

/** {@link readChunk}, but the lines as {@link chunkBytes} gives them. */
export async function readChunkBytes(store: ObjectStore, key: string): Promise<Buffer | undefined> {
  const object = await readObject(store, key);
  return object && chunkBytes(key, object.body);
}

/** The lines of a chunk in UTF-8, each ended by a line feed. @throws DamagedObjectError */
export function chunkBytes(key: string, body: Uint8Array): Buffer {
  const bytes = decodeObject(key, damaged, () => gunzipSync(body));
  return isUtf8(bytes) ? bytes : Buffer.from(new TextDecoder().decode(bytes));
}

export function linesOf(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes);
  return text === '' ? [] : text.slice(0, -1).split('\n');
}
