import { DamagedObjectError } from '../store/stored-object.ts';

/** Where the tables lie, as engines spell it. */
export interface Warehouse {
  /** What stands before a key to make it a URI, such as `s3://bucket/`. */
  readonly root: string;
}

export const uriOf = (warehouse: Warehouse, key: string) => `${warehouse.root}${key}`;

/** @throws DamagedObjectError if the URI is of another warehouse: the table was copied, or written by somebody else */
export function keyOf(warehouse: Warehouse, uri: string): string {
  if (uri.startsWith(warehouse.root)) return uri.slice(warehouse.root.length);
  throw new DamagedObjectError(uri, `is named by a table, but does not lie in ${warehouse.root}`);
}
