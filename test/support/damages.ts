/** Ways to damage stored objects. */

import type { MemoryStore } from './memory-store.ts';

const corrupted = new WeakMap<MemoryStore, Set<string>>();

/** Damages an object on disk: reading it fails with the SDK's checksum error until it is written again. */
export function corrupt(store: MemoryStore, key: string): void {
  const keys = corrupted.get(store) ?? new Set<string>();
  if (!corrupted.has(store)) {
    corrupted.set(store, keys);
    const [get, put, remove] = [store.get.bind(store), store.put.bind(store), store.delete.bind(store)];
    store.get = async (wanted) => {
      if (keys.has(wanted)) throw new Error('Checksum mismatch: expected "AAAA" but received "BBBB".');
      return get(wanted);
    };
    store.put = async (written, ...rest) => {
      keys.delete(written);
      return put(written, ...rest);
    };
    store.delete = async (gone) => {
      keys.delete(gone);
      return remove(gone);
    };
  }
  if (store.objects.has(key)) keys.add(key);
}

export function isCorrupted(store: MemoryStore, key: string): boolean {
  return corrupted.get(store)?.has(key) ?? false;
}

/** Rewrites the object with some of its bytes changed. @param picks any numbers; each selects a byte and its change */
export async function flip(store: MemoryStore, key: string, picks: readonly number[]): Promise<void> {
  const body = store.objects.get(key)?.body.slice();
  if (!body || body.length === 0) return;
  for (const pick of picks) {
    const at = pick % body.length;
    body[at] = (body[at] ?? 0) ^ (1 + (pick % 255));
  }
  await store.put(key, body);
}

export const junk = new TextEncoder().encode('this is junk, and no file of any kind '.repeat(4));
