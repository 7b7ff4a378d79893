import { DamagedObjectError } from '../store/stored-object.ts';

/** Where the tables are stored, in the form that engines use. */
export interface Warehouse {
  /** The prefix that turns a key into a URI, such as `s3://bucket/`. */
  readonly root: string;
}

export const uriOf = (warehouse: Warehouse, key: string) => `${warehouse.root}${key}`;

/**
 * The key of the object that a URI names.
 * @throws DamagedObjectError if the URI is outside this warehouse: the table was copied, or another program wrote it
 */
export function keyOf(warehouse: Warehouse, uri: string): string {
  if (uri.startsWith(warehouse.root)) return uri.slice(warehouse.root.length);
  throw new DamagedObjectError(uri, `is named by a table, but is not in ${warehouse.root}`);
}
