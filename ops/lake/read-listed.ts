import type { ObjectStore, StoredObject } from '../../lambdas/core/ports.ts';
import { UsageError } from '../../local/usage-error.ts';

/**
 * A file that has just been listed.
 * @throws UsageError where publish has put its rows into another file since: what is read without them is not true
 */
export async function readListed(key: string, store: ObjectStore): Promise<StoredObject> {
  const object = await store.get(key);
  if (!object) throw new UsageError(`${key} was replaced while the lake was being read. Run the command again.`, 1);
  return object;
}
