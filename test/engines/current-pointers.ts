import { GetTableCommand, type GlueClient } from '@aws-sdk/client-glue';
import { createGlueCatalog } from '../../lambdas/adapters/glue-catalog.ts';
import { versionOf } from '../../lambdas/contract/current-keys.ts';
import type { Table } from '../../lambdas/contract/stream.ts';
import type { LiveTable } from '../../lambdas/core/iceberg/table.ts';

/**
 * Points the table in Glue to its newest version, as the next publish does. Moto, unlike Glue, ignores the version id
 * of an update, so the slower of two publishes may set the table back.
 * @throws Error if publish has not named a version of the table
 */
export async function setPointerRight(
  glue: GlueClient,
  database: string,
  table: Table,
  live: LiveTable,
): Promise<void> {
  const stored = await glue.send(new GetTableCommand({ DatabaseName: database, Name: table.name }));
  const named = stored.Table?.Parameters?.['metadata_location'] ?? '';
  if (versionOf(named) === undefined) throw new Error(`Publish has not named a version of ${table.name} in Glue.`);
  await createGlueCatalog(database, glue).point(table, live);
}
