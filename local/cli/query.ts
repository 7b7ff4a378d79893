import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { z } from 'zod';
import { streams } from '../../lambdas/streams/registry.ts';
import { lockTo, refusal } from '../run/only-reads.ts';
import { folderObjects } from '../run/folder-objects.ts';
import { openLake, requireTables, tableNamesIn, writeLakeDatabase } from '../run/lake.ts';
import { unreadAmong } from '../run/read-tables.ts';
import { unfitTexts } from '../run/unfit-columns.ts';
import { programCommand, typed } from './command-names.ts';
import { path } from './flag-values.ts';
import { printableLines } from './printable.ts';
import { writeAsCsv, writeAsJson, writeAsTable } from './query-answer.ts';
import { ourNames, sqlNamed } from './query-named.ts';
import { runPrompt } from './query-prompt.ts';
import { command } from './run-command.ts';
import { defaultOut } from './out-flag.ts';
import { statementsIn } from './sql-statements.ts';
import { unreadLine } from './unread-tables.ts';
import { isAboutFile, unreadableLake } from './unreadable-lake.ts';
import { UsageError } from './usage-error.ts';

const input = z
  .strictObject({
    sql: z.string().optional(),
    named: z.string().optional(),
    out: path('--out').default(defaultOut),
    json: z.boolean().default(false),
    csv: z.boolean().default(false),
    parquet: path('--parquet').optional(),
    all: z.boolean().default(false),
    database: path('--database').optional(),
  })
  .refine(({ sql, named }) => sql === undefined || (sql.trim() !== '' && named === undefined), {
    error: 'query wants SQL in quotes, or --named',
  })
  .refine(
    ({ json, csv, parquet, all }) => [json, csv, parquet !== undefined, all].filter(Boolean).length <= 1,
    'query takes one of --json, --csv, --parquet and --all',
  )
  .refine(
    ({ database, sql, named, json, csv, parquet, all }) =>
      database === undefined || !(sql ?? named ?? parquet ?? (json || csv || all)),
    'query --database writes views of all tables: it takes neither SQL nor a form of the answer',
  );

type QueryInput = z.infer<typeof input>;

export const query = command({
  ...programCommand('query'),
  positionals: ['sql'],
  examples: [
    typed('query "SELECT is_qualified, count(*) FROM leads GROUP BY 1"'),
    typed('query --named lead_funnel'),
    typed('query "SELECT * FROM leads" --parquet leads.parquet'),
  ],
  flags: {
    named: {
      value: '<query>',
      help: `one of ${ourNames}, or one of yours, from the folder that the setting queries names`,
    },
    out: { value: '<dir>', help: `folder of the run; default: ${defaultOut}` },
    json: { help: 'answer in JSON' },
    csv: { help: 'answer in CSV' },
    parquet: { value: '<file>', help: 'write the answer to a Parquet file; overwrites it' },
    all: { help: 'show all rows, however many there are' },
    database: { value: '<file>', help: 'write views of all tables to a DuckDB file, for dbt or another program' },
  },
  input,
  run,
});

async function run(options: QueryInput): Promise<number> {
  const { out, named, database } = options;
  if (database !== undefined) return writeDatabase(out, database);
  const given = named === undefined ? options.sql : await sqlNamed(named, out);
  const sql = given ?? (process.stdin.isTTY ? undefined : await text(process.stdin));
  if (sql?.trim() === '')
    throw new UsageError(
      'query wants SQL in quotes or on standard input, or --named. On a terminal, query alone opens a prompt.',
    );
  const [dotCommand] = (sql !== undefined && /^\s*\.\w+/m.exec(sql)) || [];
  if (dotCommand !== undefined)
    throw new UsageError(
      `${dotCommand.trim()} is not SQL. Commands with a dot are for the prompt, which query alone opens on a terminal. SQL for the tables: SHOW TABLES; for the columns of one: DESCRIBE leads`,
    );
  requireTables(out);
  requireFolderOf(options.parquet);
  const connection = await openLake(out);
  await lockTo(connection, out, options.parquet);
  if (sql === undefined) await prompt(connection, options);
  else if (given === undefined && statementsIn(sql).length > 1) await answerEach(connection, sql, options);
  else await answer(connection, sql, options);
  return 0;
}

/** @throws UsageError if the folder in which the answer is written does not exist */
function requireFolderOf(file: string | undefined): void {
  const folder = file === undefined ? '.' : dirname(file);
  if (!existsSync(folder)) throw new UsageError(`The folder ${folder} of --parquet ${file} does not exist.`);
}

async function writeDatabase(out: string, file: string): Promise<number> {
  requireTables(out);
  try {
    await writeLakeDatabase(out, file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw duckdbError(error);
  }
  process.stdout.write(
    `${file} has a view of each table. The views read the files of now: write them again after the next run.\n`,
  );
  return 0;
}

async function prompt(connection: DuckDBConnection, options: QueryInput): Promise<void> {
  const views = await connection.runAndReadAll('SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY 1');
  await runPrompt({
    input: process.stdin,
    output: process.stdout,
    historyFile: join(options.out, '.cloud', 'query-history'),
    tables: views.getRows().map(([name]) => String(name)),
    unread: await unreadAmong(
      folderObjects(options.out),
      streams.map(({ name }) => name),
    ),
    ask: (sql) => answerEach(connection, sql, options),
  });
}

/** Answers several statements one after the other. If one of them cannot be answered for its kind, none is. */
async function answerEach(connection: DuckDBConnection, sql: string, options: QueryInput): Promise<void> {
  const { json, csv, parquet } = options;
  // A program that reads one of these forms expects one answer.
  const statements = json || csv || parquet !== undefined ? [sql] : statementsIn(sql);
  for (const statement of statements) await requireSelect(connection, statement);
  for (const [index, statement] of statements.entries()) {
    if (index > 0) process.stdout.write('\n');
    await answer(connection, statement, options, true);
  }
}

async function answer(
  connection: DuckDBConnection,
  sql: string,
  options: QueryInput,
  countsRows = false,
): Promise<void> {
  const { out, json, csv, parquet, all } = options;
  if (parquet !== undefined) await writeAsParquet(connection, sql, parquet, out);
  else {
    const result = await answerOf(connection, sql, out);
    if (json) await writeAsJson(result);
    else if (csv) await writeAsCsv(result);
    else await writeAsTable(result, all, countsRows);
  }
  const tables = await tableNamesIn(sql);
  const unread = await unreadLine(out, tables);
  if (unread !== undefined) process.stderr.write(`${unread}\n`);
  for (const text of await unfitTexts(folderObjects(out), sql, tables)) process.stderr.write(`${text}\n`);
}

/**
 * Runs the SQL to its end before anything is printed. Otherwise an error could come after half of the rows, and the
 * program that reads them would take them for the whole answer.
 */
async function answerOf(
  connection: DuckDBConnection,
  sql: string,
  out: string,
  wrapped: (statement: string) => string = (statement) => statement,
): Promise<DuckDBResult> {
  try {
    await requireSelect(connection, sql);
    return await connection.run(wrapped(sql));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (isAboutFile(error, out)) throw new UsageError(await unreadableLake(error, out), 1);
    throw duckdbError(error);
  }
}

/** @throws UsageError if the SQL is another statement, or several */
async function requireSelect(connection: DuckDBConnection, sql: string): Promise<void> {
  const refused = await refusal(connection, sql).catch((error: unknown) => {
    throw duckdbError(error);
  });
  if (refused !== undefined) throw new UsageError(`${refused} ${otherwise}`);
}

/** What to do if query refuses a statement. */
const otherwise = `For anything else, write views of the tables to a file, and open it in DuckDB: ${typed('query --database lake.duckdb')}`;

function duckdbError(error: unknown): UsageError {
  const message = error instanceof Error ? error.message : String(error);
  if (message.startsWith('Permission Error')) return new UsageError(`query reads only the tables. ${otherwise}`);
  // DuckDB indents with tabs, which would be escaped.
  const said = printableLines(message.replaceAll('\t', '  '));
  return new UsageError(`DuckDB says: ${said.replace(/^Failed to extract statements: /, '')}`);
}

async function writeAsParquet(connection: DuckDBConnection, sql: string, file: string, out: string): Promise<void> {
  const to = resolve(file).replaceAll("'", "''");
  // The line break ends a `--` comment that the statement may end with.
  const copy = (statement: string) => `COPY (${statement.replace(/[;\s]+$/, '')}\n) TO '${to}' (FORMAT parquet)`;
  const result = await answerOf(connection, sql, out, copy);
  const [[rows] = []] = await result.getRows();
  process.stdout.write(`${Number(rows).toLocaleString('en-US')} rows are written to ${file}.\n`);
}
