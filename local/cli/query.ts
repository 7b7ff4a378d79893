import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { namedQueries } from '../../lambdas/streams/named-queries.ts';
import { openLake } from '../run/lake.ts';
import { defaultOut } from './suggested-command.ts';
import { textTable } from './text-table.ts';
import { isAboutFile, unreadableLake } from './unreadable-lake.ts';
import { UsageError } from './usage-error.ts';
import { command, runCommand } from './run-command.ts';
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
  command: 'npm run query',
  summary: 'Asks DuckDB over the tables of a local run.',
  words: ['sql'],
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
    throw new UsageError(`There are no tables under ${out}. Run npm start first, or name its folder with --out.`);
  const connection = await openLake(out);
  const text = namedQueries.find(({ name }) => name === named)?.sql ?? sql;
  const reader = await connection.runAndReadUntil(text, maxRowsShown + 1).catch(async (error: unknown) => {
    if (isAboutFile(error, out)) throw new UsageError(await unreadableLake(error, out), 1);
    throw new UsageError(`DuckDB says: ${error instanceof Error ? error.message : String(error)}`);
  });
  const rows = reader.getRowsJson().slice(0, maxRowsShown);
  const columns = reader.columnNames();
  if (json) {
    process.stdout.write(
      `${JSON.stringify(rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]]))))}\n`,
    );
    return 0;
  }
  process.stdout.write(
    `${textTable(
      columns,
      rows.map((row) => row.map(cellOf)),
    )}\n`,
  );
  if (reader.currentRowCount > maxRowsShown)
    process.stdout.write(`(the first ${maxRowsShown} rows; use LIMIT, or --json for a program)\n`);
  return 0;
}

function cellOf(value: unknown): string | number | null {
  return value === null || typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);
}

if (import.meta.main) await runCommand(query);
