import type { Table } from '../../contract/stream.ts';
import type { ReadableStore } from '../ports.ts';
import { schemaFor } from './schema.ts';
import { findVersion, newestVersion } from './table.ts';

/**
 * Compares the declared columns with those of the current tables, before a run reads rows that it could not merge.
 * @throws SchemaChangeError if a column changed its type
 */
export async function checkColumns(store: ReadableStore, tables: readonly Table[]): Promise<void> {
  for (const table of tables) {
    const version = await newestVersion(store, table.name);
    const metadata = version === undefined ? undefined : await findVersion(store, table.name, version);
    if (metadata) schemaFor(table, { metadata });
  }
}
