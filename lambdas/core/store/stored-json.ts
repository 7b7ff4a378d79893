/** Reads and writes JSON objects in the store. They are checked against their schema when read. */

import { gunzipSync, gzipSync } from 'node:zlib';
import type { z } from 'zod';
import type { ObjectStore, ReadableStore } from '../ports.ts';
import { DamagedObjectError, decodeObject, readObject } from './stored-object.ts';

/**
 * The parsed object with its ETag; undefined if there is none.
 * @throws DamagedObjectError if the object is not JSON or does not match the schema
 */
export async function readJson<T>(
  store: Pick<ReadableStore, 'get'>,
  key: string,
  schema: z.ZodType<T>,
): Promise<{ value: T; etag: string } | undefined> {
  const object = await readObject(store, key);
  if (!object) return undefined;
  const parsed = schema.safeParse(jsonOf(key, object.body));
  if (!parsed.success) throw new DamagedObjectError(key, 'does not have the form that the pipeline writes');
  return { value: parsed.data, etag: object.etag };
}

/** The value of a JSON object, which is packed if its key ends in `.gz`. @throws DamagedObjectError */
export function jsonOf(key: string, body: Uint8Array): unknown {
  const isPacked = key.endsWith('.gz');
  return decodeObject<unknown>(key, isPacked ? 'is not JSON under gzip' : 'is not JSON', () =>
    JSON.parse(new TextDecoder().decode(isPacked ? gunzipSync(body) : body)),
  );
}

export async function writeJson(
  store: ObjectStore,
  key: string,
  value: unknown,
  condition: { ifAbsent?: boolean; ifMatch?: string } = {},
): Promise<boolean> {
  const text = JSON.stringify(value);
  return store.put(key, key.endsWith('.gz') ? gzipSync(text) : text, { ...condition, contentType: 'application/json' });
}

/** Attempts at a conditional write. More lost races than this mean that something is wrong. */
const maxAttempts = 20;

/**
 * Reads, changes and writes one object. Starts over if another writer changed it in between.
 * @param change returns the new value, or undefined to leave the object as it is
 * @throws Error after {@link maxAttempts} lost races
 */
export async function updateJson<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  empty: T,
  change: (value: T) => T | undefined,
): Promise<T> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const stored = await readJson(store, key, schema);
    const value = stored?.value ?? empty;
    const changed = change(value);
    if (changed === undefined) return value;
    const condition = stored ? { ifMatch: stored.etag } : { ifAbsent: true };
    if (await writeJson(store, key, changed, condition)) return changed;
  }
  throw new Error(`${key} was changed by others ${maxAttempts} times in a row; try again.`);
}
