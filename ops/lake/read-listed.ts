import { readParquet } from '../../lambdas/core/rows/parquet/read.ts';
import type { ObjectStore, StoredObject } from '../../lambdas/core/ports.ts';
import { DamagedObjectError, readObject } from '../../lambdas/core/store/stored-object.ts';
import { UsageError } from '../../local/cli/usage-error.ts';
import { canBeRead } from './parquet-check.ts';

/**
 * A file that has just been listed.
 * @throws UsageError where publish has put its rows into another file since: what is read without them is not true
 * @throws DamagedObjectError where its bytes are not those that were stored
 */
export async function readListed(key: string, store: ObjectStore): Promise<StoredObject> {
  const object = await readObject(store, key);
  if (!object) throw new UsageError(`${key} was replaced while the lake was being read. Run the command again.`, 1);
  return object;
}

/**
 * What `parse` makes of each row of such a file.
 * @throws UsageError, DamagedObjectError as {@link readListed}, and where it is no Parquet file of such rows
 */
export async function readListedRows<T>(
  key: string,
  columns: readonly string[],
  parse: (row: Record<string, unknown>, index: number) => T,
  store: ObjectStore,
): Promise<T[]> {
  const { body } = await readListed(key, store);
  try {
    if (await canBeRead(body)) return (await readParquet(body, columns)).map(parse);
  } catch {
    // Of other rows than these.
  }
  throw new DamagedObjectError(key, 'is no Parquet file of this table that can be read');
}
