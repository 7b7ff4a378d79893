import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';
import type { ColumnType } from '../../lambdas/contract/column-types.ts';
import { currentTablePrefix, versionKeysPrefix } from '../../lambdas/contract/current-keys.ts';
import { childReads } from '../../lambdas/contract/pipeline-tables.ts';
import { currentTableOf, historyName, type Table, tableOf } from '../../lambdas/contract/stream.ts';
import { loadTable } from '../../lambdas/core/iceberg/table.ts';
import type { ReadableStore } from '../../lambdas/core/ports.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { ownTables, streams } from '../../lambdas/streams/registry.ts';
import { typed } from '../cli/command-names.ts';
import { isAboutFile, unreadableLake } from '../cli/unreadable-lake.ts';
import { UsageError } from '../cli/usage-error.ts';
import { folderObjects } from './folder-objects.ts';

/** DuckDB's type for each column type in Parquet. */
export const duckdbTypes: Record<ColumnType, string> = {
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  date: 'DATE',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  string_list: 'VARCHAR[]',
  json: 'VARCHAR',
};

/**
 * Opens DuckDB with a view for each table of an output folder: for each stream its current table under its own name,
 * and `<name>_history` with every version; also the pipeline's own tables. A table without files is empty.
 * @param names of the views that are needed: each reads a few files. @default all
 * @throws UsageError if a file cannot be read
 */
export async function openLake(out: string, names?: readonly string[]): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    await createViews(connection, out, names);
    return connection;
  } catch (error) {
    connection.closeSync();
    throw error;
  }
}

/** @throws UsageError if no run has written a table to the folder */
export function requireTables(out: string): void {
  if (!existsSync(join(out, 'lake')))
    throw new UsageError(
      `There are no tables under ${out}. Run ${typed('start')} first, or name its folder with --out.`,
    );
}

/** The tables and views that a statement reads, in lower case. */
export async function tableNamesIn(sql: string): Promise<string[]> {
  // In a database of its own: where the views exist, DuckDB names what they read.
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return connection.getTableNames(sql, false).map((name) => name.toLowerCase());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/**
 * Writes the views of all tables of an output folder to a DuckDB file, for another program. Views that the file has are
 * replaced; whatever else it has stays.
 */
export async function writeLakeDatabase(out: string, file: string): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  try {
    // Absolute paths, because the other program may run in another folder.
    await createViews(connection, resolve(out));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function createViews(connection: DuckDBConnection, out: string, names?: readonly string[]): Promise<void> {
  await connection.run("SET TimeZone = 'UTC'");
  const store = folderObjects(out);
  const isNeeded = (name: string) => names?.includes(name) ?? true;
  const files = async (table: Table, name: string) => {
    if (isNeeded(name)) await connection.run(await filesView(out, store, table, name));
  };
  const current = async (table: Table) => {
    if (isNeeded(table.name)) await connection.run(await currentView(out, store, table));
  };
  try {
    for (const table of ownTables) await files(table, table.name);
    for (const stream of streams) {
      await files(tableOf(stream), historyName(stream));
      await current(currentTableOf(stream));
    }
    await current(childReads);
  } catch (error) {
    if (!isAboutFile(error, out)) throw error;
    throw new UsageError(await unreadableLake(error, out), 1);
  }
}

/** SQL of a view over every file in the folder of a table. Each day has a subfolder. */
async function filesView(out: string, store: ReadableStore, table: Table, name: string): Promise<string> {
  const isEmpty = (await historyFiles(store, table.name)).length === 0;
  const files = isEmpty ? [] : [join(out, 'lake', table.name, '*', '*.parquet')];
  return `CREATE OR REPLACE VIEW "${name}" AS ${rowsSql(table, files, true)}`;
}

/** SQL of a view over the data files of the table's newest version. */
async function currentView(out: string, store: ReadableStore, table: Table): Promise<string> {
  const files = (await currentFiles(store, table.name)).map(({ key }) => join(out, key));
  return `CREATE OR REPLACE VIEW "${table.name}" AS ${rowsSql(table, files, false)}`;
}

export interface LakeFile {
  readonly key: string;
  readonly bytes: number;
}

/**
 * The files of a table that only grows: a history table with every version read, or a table about the pipeline itself.
 */
export async function historyFiles(store: ReadableStore, table: string): Promise<LakeFile[]> {
  const files: LakeFile[] = [];
  for await (const { key, size } of store.list(`lake/${table}/`))
    if (key.endsWith('.parquet')) files.push({ key, bytes: size });
  return files;
}

/** The data files of a current table's newest version. */
export async function currentFiles(store: ReadableStore, table: string): Promise<(LakeFile & { rows: number })[]> {
  const warehouse = await warehouseOf(store, table);
  const live = warehouse && (await loadTable(store, warehouse, table));
  return live?.files.map(({ key, bytes, rows }) => ({ key, bytes, rows })) ?? [];
}

/**
 * URL of the bucket that an output folder stands for. A folder without current tables gets any URL, because none of its
 * files contains one.
 */
export async function folderWarehouse(out: string): Promise<{ root: string }> {
  const store = folderObjects(out);
  for (const { name } of streams) {
    const found = await warehouseOf(store, name);
    if (found) return found;
  }
  return { root: 's3://no-table-yet/' };
}

/**
 * URL of the bucket that the folder stands for: a table names its files by that URL. Undefined if the table does not
 * exist.
 */
async function warehouseOf(store: ReadableStore, table: string): Promise<{ root: string } | undefined> {
  for await (const { key } of store.list(versionKeysPrefix(table))) {
    const version = await readJson(store, key, z.object({ location: z.string() }));
    return version && { root: `${version.value.location}/`.replace(currentTablePrefix(table), '') };
  }
  return undefined;
}

/**
 * SQL of the rows of some files. Columns that no file has are null.
 * @param dated whether each day has a subfolder, which gives a column `dt`
 */
export function rowsSql({ columns }: Pick<Table, 'columns'>, files: readonly string[], dated: boolean): string {
  const nulls = Object.entries(columns).map(([column, { type }]) => `NULL::${duckdbTypes[type]} AS "${column}"`);
  const empty = `SELECT ${[...nulls, ...(dated ? ['NULL::DATE AS dt'] : [])].join(', ')} WHERE false`;
  const paths = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ');
  const options = `union_by_name = true, hive_partitioning = ${dated}`;
  const rows = files.length === 0 ? '' : ` UNION ALL BY NAME SELECT * FROM read_parquet([${paths}], ${options})`;
  return `${empty}${rows}`;
}
