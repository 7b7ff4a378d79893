import { type CustomColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { checkColumns } from '../../lambdas/core/iceberg/check-columns.ts';
import type { ReadableStore } from '../../lambdas/core/ports.ts';
import { streams } from '../../lambdas/streams/registry.ts';

/**
 * Compares the custom columns with the deployed tables. Otherwise the next run would read everything, and could not
 * publish it.
 * @param store the workspace's bucket
 * @throws SchemaChangeError if a column changed its type
 */
export async function checkCustomColumns(store: ReadableStore, custom: CustomColumns): Promise<void> {
  const added = streams.filter(({ name }) => Object.hasOwn(custom, name));
  await checkColumns(
    store,
    added.map((stream) => withCustomColumns(stream, custom)),
  );
}
