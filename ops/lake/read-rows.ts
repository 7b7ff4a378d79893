import { readParquet } from '../../lambdas/core/rows/parquet/read.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { DamagedObjectError, readObject } from '../../lambdas/core/store/stored-object.ts';

/**
 * Reads a Parquet file and applies `parse` to each row.
 * @throws DamagedObjectError if the file is missing, or `parse` throws for one of its rows
 */
export async function readRows<T>(
  key: string,
  columns: readonly string[],
  parse: (row: Record<string, unknown>, index: number) => T,
  store: ObjectStore,
): Promise<T[]> {
  const object = await readObject(store, key);
  if (!object) throw new DamagedObjectError(key, 'is gone');
  try {
    return (await readParquet(key, object.body, columns)).map(parse);
  } catch {
    throw new DamagedObjectError(key, 'is no Parquet file of this table that can be read');
  }
}
