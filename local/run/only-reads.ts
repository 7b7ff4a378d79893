/** What a question about the tables may do: one SELECT, which reads the tables and nothing else. */

import { basename, dirname, join, resolve } from 'node:path';
import { type DuckDBConnection, StatementType } from '@duckdb/node-api';

/** DuckDB does not prepare these for a view, so it cannot tell their kind. */
const changes = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*(DELETE|INSERT|MERGE|TRUNCATE|UPDATE)\b/i;

/** @returns why SQL is not answered; undefined if it is one SELECT (DuckDB counts DESCRIBE, SHOW and SUMMARIZE as one) */
export async function refusal(connection: DuckDBConnection, sql: string): Promise<string | undefined> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) return `This is ${statements.count} statements. Ask them one by one.`;
  const [, change] = changes.exec(sql) ?? [];
  if (change !== undefined) return onlySelect(change.toUpperCase());
  const { statementType } = await statements.prepare(0);
  if (statementType === StatementType.SELECT) return undefined;
  return onlySelect(StatementType[statementType]);
}

const onlySelect = (kind: string) => `Only a SELECT is answered, and this is ${kind}.`;

/**
 * Lets a connection read the tables of an output folder, and no other file: no setting of a later statement changes
 * that.
 * @param written a file that it may write, or overwrite
 */
export async function lockTo(connection: DuckDBConnection, out: string, written?: string): Promise<void> {
  const list = (paths: readonly string[]) => `[${paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ')}]`;
  const folders = ['lake', 'current'].map((name) => join(resolve(out), name, '/'));
  await connection.run(`SET allowed_directories = ${list(folders)}`);
  if (written !== undefined) {
    const file = resolve(written);
    // DuckDB overwrites a file by writing one of this name beside it, which then takes its place.
    const beside = join(dirname(file), `tmp_${basename(file)}`);
    await connection.run(`SET allowed_paths = ${list([file, beside])}`);
  }
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
}
