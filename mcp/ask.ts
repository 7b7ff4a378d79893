/** Answers one SQL question about the masked copy of the tables, within limits of rows, bytes and time. */

import { DuckDBInstance, type DuckDBConnection, type Json } from '@duckdb/node-api';
import { suggestion } from '../local/cli/flag-values.ts';
import { refusal } from '../local/run/only-reads.ts';
import { exposedTables } from './exposed-tables.ts';

export interface Limits {
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
}

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  /** Which limit cut the rows off; null if none did. */
  readonly cutBy: 'rows' | 'bytes' | null;
}

/** A question that is not answered. Its message says what to change. */
export class RefusedQuestionError extends Error {}

/** DuckDB can read this one file, and nothing else: no other file, no network, no extension, no setting. */
const locked = {
  access_mode: 'READ_ONLY',
  enable_external_access: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  lock_configuration: 'true',
  memory_limit: '512MB',
  max_temp_directory_size: '0KiB',
  threads: '2',
} as const;

/**
 * @param path the DuckDB file
 * @throws RefusedQuestionError if the SQL is not one SELECT, cannot be run, or takes too long
 */
export async function ask(path: string, sql: string, limits: Limits): Promise<Answer> {
  if (asksForCatalogue(sql))
    throw new RefusedQuestionError(
      'The catalogue here has only tables that questions have named. list_tables and describe_table know every table.',
    );
  const instance = await DuckDBInstance.create(path, locked);
  const connection = await instance.connect();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    connection.interrupt();
  }, limits.seconds * 1_000);
  try {
    return await answerOf(connection, sql, limits);
  } catch (error) {
    if (isLate) throw new RefusedQuestionError(`It took longer than ${limits.seconds} seconds. Ask for less.`);
    if (error instanceof RefusedQuestionError) throw error;
    throw new RefusedQuestionError(wordsOf(error, path));
  } finally {
    clearTimeout(timer);
    connection.closeSync();
    instance.closeSync();
  }
}

/** Whether the SQL asks which tables there are. A table is copied when a question names it, so DuckDB does not know. */
function asksForCatalogue(sql: string): boolean {
  const code = sql.replaceAll(/'(?:[^']|'')*'/g, "''");
  return (
    /\bshow\s+(all\s+)?tables\b|^\s*(show|describe|desc)\s*;?\s*$/i.test(code) ||
    /\b(information_schema|duckdb_(tables|columns|views)|sqlite_(master|schema)|pg_(catalog|tables|class)|show_tables\w*)\b/i.test(
      code,
    )
  );
}

async function answerOf(
  connection: DuckDBConnection,
  sql: string,
  { rows: mostRows, bytes: mostBytes }: Limits,
): Promise<Answer> {
  const refused = await refusal(connection, sql);
  if (refused !== undefined) throw new RefusedQuestionError(refused);
  const result = await connection.stream(sql);
  const rows: Json[][] = [];
  let bytes = 0;
  for await (const chunk of result.yieldRowsJson()) {
    for (const row of chunk) {
      if (rows.length === mostRows) return { columns: result.deduplicatedColumnNames(), rows, cutBy: 'rows' };
      bytes += Buffer.byteLength(JSON.stringify(row));
      if (bytes > mostBytes) return { columns: result.deduplicatedColumnNames(), rows, cutBy: 'bytes' };
      rows.push(row);
    }
  }
  return { columns: result.deduplicatedColumnNames(), rows, cutBy: null };
}

function wordsOf(error: unknown, path: string): string {
  const message = (error instanceof Error ? error.message : String(error)).replaceAll(path, 'the copy');
  const [, unknown] = /Catalog Error: Table with name (\S+) does not exist/.exec(message) ?? [];
  if (unknown === undefined) return `DuckDB says: ${message}`;
  // DuckDB would propose a table of its own catalogue.
  const names = exposedTables({}).map(({ name }) => name);
  return `There is no table '${unknown}': ${suggestion(unknown.toLowerCase(), names, `the tables are ${names.join(', ')}.`)}`;
}
