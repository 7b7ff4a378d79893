import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { ColumnType } from '../../lambdas/contract/column-types.ts';
import { type Table, tableOf } from '../../lambdas/contract/stream.ts';
import { ownTables, streams } from '../../lambdas/streams/registry.ts';
import { currentStateSql, historyName } from '../../lambdas/streams/views.ts';
import { isAboutFile, unreadableLake } from '../cli/unreadable-lake.ts';
import { UsageError } from '../cli/usage-error.ts';

/** How DuckDB reads each type from Parquet. */
export const duckdbTypes: Record<ColumnType, string> = {
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  string_list: 'VARCHAR[]',
  json: 'VARCHAR',
};

/**
 * DuckDB over the tables of an output folder: for each stream the view of its name (current state) and
 * `<name>_history` (every version), and the pipeline's own tables. A table without files is there and empty.
 * @throws UsageError where a file cannot be read
 */
export async function openLake(out: string): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run("SET TimeZone = 'UTC'");
  try {
    for (const table of ownTables) await connection.run(await filesView(out, table, table.name));
    for (const stream of streams) {
      await connection.run(await filesView(out, tableOf(stream), historyName(stream)));
      await connection.run(`CREATE VIEW "${stream.name}" AS ${currentStateSql(stream)}`);
    }
    return connection;
  } catch (error) {
    connection.closeSync();
    if (!isAboutFile(error, out)) throw error;
    throw new UsageError(await unreadableLake(error, out), 1);
  }
}

async function filesView(out: string, table: Table, name: string): Promise<string> {
  const folder = join(out, 'lake', table.name);
  if (!(await hasFiles(folder))) {
    const nothing = Object.entries(table.columns).map(
      ([column, { type }]) => `NULL::${duckdbTypes[type]} AS "${column}"`,
    );
    return `CREATE VIEW "${name}" AS SELECT ${nothing.join(', ')}, NULL::DATE AS dt WHERE false`;
  }
  const files = join(folder, '*', '*.parquet').replaceAll("'", "''");
  return `CREATE VIEW "${name}" AS SELECT * FROM read_parquet('${files}', hive_partitioning = true, union_by_name = true)`;
}

async function hasFiles(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  const files = await readdir(folder, { recursive: true });
  return files.some((file) => file.endsWith('.parquet'));
}
