import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DuckDBConnection,
  DuckDBDecimalValue,
  type DuckDBResult,
  type DuckDBValueConverter,
  type Json,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';
import { z } from 'zod';
import { namedQueries } from '../../lambdas/streams/named-queries.ts';
import { openLake } from '../run/lake.ts';
import { defaultOut } from './suggested-command.ts';
import { printable, printableLines } from './printable.ts';
import { textTable } from './text-table.ts';
import { isAboutFile, unreadableLake } from './unreadable-lake.ts';
import { UsageError } from './usage-error.ts';
import { programCommand } from './command-names.ts';
import { command } from './run-command.ts';
import { path } from './flag-values.ts';

const maxRowsShown = 1_000;

const names = namedQueries.map(({ name }) => name);

const input = z
  .strictObject({
    sql: z.string().optional(),
    named: z.enum(names, `--named wants one of ${names.join(', ')}`).optional(),
    out: path('--out').default(defaultOut),
    json: z.boolean().default(false),
  })
  .refine(({ sql, named }) => (sql?.trim() ? 1 : 0) + (named ? 1 : 0) === 1, 'query wants SQL in quotes, or --named');

export const query = command({
  ...programCommand('query'),
  positionals: ['sql'],
  flags: {
    named: { value: '<query>', help: `one of ${names.join(', ')}` },
    out: { value: '<dir>', help: `folder of the run; default: ${defaultOut}` },
    json: { help: 'answer in JSON' },
  },
  input,
  run,
});

async function run({ sql = '', named, out, json }: z.infer<typeof input>): Promise<number> {
  if (!existsSync(join(out, 'lake')))
    throw new UsageError(
      `There are no tables under ${out}. Run npx prospect-lake start first, or name its folder with --out.`,
    );
  const connection = await openLake(out);
  const answer = await answerOf(connection, namedQueries.find(({ name }) => name === named)?.sql ?? sql, out);
  if (json) await writeAsJson(answer);
  else await writeAsTable(answer);
  return 0;
}

/**
 * Runs the SQL to its end before anything is printed. Otherwise an error could come after half of the rows, and the
 * program that reads them would take them for the whole answer.
 */
async function answerOf(connection: DuckDBConnection, sql: string, out: string): Promise<DuckDBResult> {
  try {
    const { count } = await connection.extractStatements(sql);
    if (count !== 1) throw new UsageError(`query takes one statement, and this is ${count}. Ask them one by one.`);
    return await connection.run(sql);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (isAboutFile(error, out)) throw new UsageError(await unreadableLake(error, out), 1);
    throw new UsageError(`DuckDB says: ${printableLines(error instanceof Error ? error.message : String(error))}`);
  }
}

/** Prints every row as JSON. Whole numbers of any size and decimals are printed as numbers with all their digits. */
async function writeAsJson(answer: DuckDBResult): Promise<void> {
  const names = answer.deduplicatedColumnNames();
  let lead = '[';
  for await (const rows of answer.yieldConvertedRows(jsonOf)) {
    const texts = rows.map((row) =>
      printable(JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index]])))),
    );
    if (texts.length === 0) continue;
    await write(lead + texts.join(',\n'));
    lead = ',\n';
  }
  await write(lead === '[' ? '[]\n' : ']\n');
}

async function writeAsTable(answer: DuckDBResult): Promise<void> {
  const shown: (string | number | null)[][] = [];
  let count = 0;
  for await (const rows of answer.yieldRowsJson()) {
    count += rows.length;
    shown.push(...rows.slice(0, maxRowsShown - shown.length).map((row) => row.map(cellOf)));
  }
  await write(`${textTable(answer.columnNames().map(printable), shown)}\n`);
  if (count > shown.length)
    await write(`(the first ${shown.length} of ${count} rows; use LIMIT, or --json for a program)\n`);
}

const jsonOf: DuckDBValueConverter<Json> = (value, type, converter) => {
  const isWhole = typeof value === 'bigint' || value instanceof DuckDBDecimalValue;
  const number: unknown = isWhole ? JSON.rawJSON(String(value)) : undefined;
  return isNumberText(number) ? number : JsonDuckDBValueConverter(value, type, converter);
};

const isNumberText = (value: unknown): value is Json => typeof value === 'object';

function cellOf(value: Json): string | number | null {
  if (value === null || typeof value === 'number') return value;
  return printable(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Writes to standard output, and waits if its reader is slower than DuckDB. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
