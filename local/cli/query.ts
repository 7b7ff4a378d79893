import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { namedQueries } from '../../lambdas/streams/named-queries.ts';
import { openLake } from '../run/lake.ts';
import { defaultOut } from './suggested-command.ts';
import { textTable } from './text-table.ts';
import { isAboutFile, unreadableLake } from './unreadable-lake.ts';
import { UsageError } from './usage-error.ts';
import { runCommand } from './run-main.ts';

/** `npm run query -- "SELECT …" | --named <query> [--out <dir>] [--json]`: DuckDB over the tables of a local run. */

const usage = `npm run query -- "SELECT …" | --named <${namedQueries.map(({ name }) => name).join('|')}> [--out <dir>] [--json]`;
const flags = {
  out: { type: 'string', default: defaultOut },
  json: { type: 'boolean', default: false },
  named: { type: 'string' },
} as const;
const maxRowsShown = 1_000;

await runCommand(usage, async (args) => {
  const { values, positionals } = parseArgs({ args, options: flags, allowPositionals: true });
  const sql = values.named === undefined ? positionals.join(' ').trim() : sqlNamed(values.named, positionals);
  if (sql === '') throw new UsageError(`No SQL. Usage: ${usage}`);
  if (!existsSync(join(values.out, 'lake')))
    throw new UsageError(
      `There are no tables under ${values.out}. Run npm start first, or name its folder with --out.`,
    );
  const connection = await openLake(values.out);
  const reader = await connection.runAndReadUntil(sql, maxRowsShown + 1).catch(async (error: unknown) => {
    if (isAboutFile(error, values.out)) throw new UsageError(await unreadableLake(error, values.out), 1);
    throw new UsageError(`DuckDB says: ${error instanceof Error ? error.message : String(error)}`);
  });
  const rows = reader.getRowsJson().slice(0, maxRowsShown);
  const names = reader.columnNames();
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify(rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]]))))}\n`,
    );
    return 0;
  }
  process.stdout.write(
    `${textTable(
      names,
      rows.map((row) => row.map(cellOf)),
    )}\n`,
  );
  if (reader.currentRowCount > maxRowsShown)
    process.stdout.write(`(the first ${maxRowsShown} rows; use LIMIT, or --json for a program)\n`);
  return 0;
});

function sqlNamed(name: string, positionals: readonly string[]): string {
  if (positionals.length > 0) throw new UsageError(`SQL or --named, not both. Usage: ${usage}`);
  const query = namedQueries.find((candidate) => candidate.name === name);
  if (!query) throw new UsageError(`There is no query '${name}'. Usage: ${usage}`);
  return query.sql;
}

function cellOf(value: unknown): string | number | null {
  return value === null || typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);
}
