import { type CustomColumns, withCustomColumns } from '../lambdas/contract/custom-columns.ts';
import { tableOf } from '../lambdas/contract/stream.ts';
import { declaredType } from '../lambdas/core/iceberg/schema.ts';
import { currentSchema } from '../lambdas/core/iceberg/metadata.ts';
import { findVersion, newestVersion } from '../lambdas/core/iceberg/table.ts';
import type { ReadableStore } from '../lambdas/core/ports.ts';
import { streams } from '../lambdas/streams/registry.ts';

/**
 * The columns that current tables still have from an earlier configuration, as `query` shows them. None says whether it
 * is personal.
 */
export async function droppedColumns(store: ReadableStore, configured: CustomColumns): Promise<CustomColumns> {
  const dropped: CustomColumns = {};
  for (const stream of streams) {
    const version = await newestVersion(store, stream.name);
    const metadata = version === undefined ? undefined : await findVersion(store, stream.name, version);
    const declared = tableOf(withCustomColumns(stream, configured)).columns;
    for (const { name, type } of metadata ? currentSchema(metadata).fields : []) {
      if (Object.hasOwn(declared, name)) continue;
      const description = 'No longer in the configuration: null in each row that was read since.';
      dropped[stream.name] = { ...dropped[stream.name], [name]: { type: declaredType(type), description } };
    }
  }
  return dropped;
}
