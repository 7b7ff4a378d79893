import { type CustomColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { checkColumns } from '../../lambdas/core/iceberg/check-columns.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { folderObjects } from './folder-objects.ts';
import { readFolderSource, writeFolderSource } from './folder-source.ts';

/** @throws SchemaChangeError if a table of the folder has a configured column with another type */
export async function checkFolderColumns(out: string, columns: CustomColumns): Promise<void> {
  await checkColumns(
    folderObjects(out),
    streams.map((stream) => withCustomColumns(stream, columns)),
  );
}

/**
 * Stores the columns that the configuration adds to the tables, before functions write them: whoever reads the folder
 * finds them there.
 * @throws SchemaChangeError as {@link checkFolderColumns}
 */
export async function storeFolderColumns(out: string, customColumns: CustomColumns): Promise<void> {
  await checkFolderColumns(out, customColumns);
  await writeFolderSource(out, { ...(await readFolderSource(out)), customColumns });
}
