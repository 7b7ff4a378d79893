/**
 * `npm run test:dbt [-- --out <dir>]`: installs dbt once into .cache/dbt, loads a simulated workspace (or takes the
 * lake in `<dir>`), builds staging models with custom columns, builds the models and their tests on DuckDB, compares
 * each mart with the named query of its name, value by value, and compiles the models for Athena. Needs Python 3.10 or
 * newer.
 */

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { path } from '../../local/cli/flag-values.ts';
import { command, runCommand } from '../../local/cli/run-command.ts';
import { openLake, requireTables, writeLakeDatabase } from '../../local/run/lake.ts';
import { marts } from '../../tools/dbt-package.ts';
import { installPython } from '../../tools/install-python.ts';
import { checkCustomColumns, customColumns, customModels, writeWithCustomColumns } from './custom-columns.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.cache/dbt');
/** Exit status if no package index can be reached: EX_UNAVAILABLE of sysexits.h. */
const cannotInstall = 69;

const dbtTest = command({
  command: 'npm run test:dbt',
  summary: 'Builds the dbt models on DuckDB, compares the marts with the named queries, and compiles all for Athena.',
  flags: { out: { value: '<dir>', help: 'folder of start whose tables are taken; default: a simulated workspace' } },
  input: z.strictObject({ out: path('--out').optional() }),
  run: test,
});

async function test({ out: given }: { out?: string | undefined }): Promise<number> {
  if (given !== undefined) requireTables(given);
  let programs = '';
  try {
    programs = installPython(join(folder, 'venv'), [join(root, 'dbt/requirements.txt')]);
  } catch (error) {
    process.stderr.write(`${String(error)}\ndbt cannot be installed from here.\n`);
    return cannotInstall;
  }
  const out = resolve(given ?? join(folder, 'lake'));
  if (given === undefined) {
    rmSync(out, { recursive: true, force: true });
    run(process.execPath, ['bin/prospect-lake.js', 'start', '--leads', '200', '--out', out]);
  }
  const database = join(out, 'lake.duckdb');
  rmSync(database, { force: true });
  await writeLakeDatabase(out, database);
  const folders = ['--project-dir', 'dbt', '--profiles-dir', 'dbt'];
  const settings = [...folders, '--target-path', join(folder, 'target'), '--log-path', join(folder, 'logs')];
  const environment = { DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' };
  const dbt = (on: string, ...parameters: string[]) =>
    run(join(programs, 'dbt'), [...parameters, ...settings], { ...environment, PROSPECT_LAKE_DUCKDB: on });
  const withCustomColumns = join(folder, 'custom-columns.duckdb');
  await writeWithCustomColumns(out, withCustomColumns);
  dbt(withCustomColumns, 'build', '--target', 'duckdb', '--select', ...customModels, '--vars', customColumns);
  await checkCustomColumns(withCustomColumns);
  dbt(database, 'build', '--target', 'duckdb');
  const sources = ['source:prospect_lake.leads', 'source:prospect_lake.lead_messages'];
  dbt(database, 'source', 'freshness', '--target', 'duckdb', '--select', ...sources);
  await compareWithQueries(out, database);
  const withoutAws = ['--no-populate-cache', '--no-introspect'];
  dbt(database, 'compile', '--target', 'athena', ...withoutAws, '--vars', customColumns);
  process.stdout.write(
    `The models are in the schema models of ${database}. Ask them: duckdb ${database} "FROM models.lead_funnel"\n`,
  );
  return 0;
}

function run(program: string, parameters: readonly string[], environment: NodeJS.ProcessEnv = {}): void {
  const { status } = spawnSync(program, parameters, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Compares each mart with the answer of its named query. Times are compared in UTC, and rows in any order. */
async function compareWithQueries(out: string, database: string): Promise<void> {
  const lake = await openLake(out);
  await lake.run(`ATTACH '${database.replaceAll("'", "''")}' AS built (READ_ONLY)`);
  const rowsOf = async (sql: string) =>
    (await lake.runAndReadAll(sql))
      .getRowsJson()
      .map((row) => JSON.stringify(row).replaceAll(/(\d\d:\d\d:\d\d(?:\.\d+)?)\+00/g, '$1'))
      .toSorted();
  let compared = 0;
  for (const { name, sql } of marts) {
    const [asked, built] = [await rowsOf(sql), await rowsOf(`SELECT * FROM built.models."${name}"`)];
    if (!isDeepStrictEqual(asked, built)) {
      process.stderr.write(
        `${name} differs: the query gives ${asked.length} rows, and the mart has ${built.length}.\n`,
      );
      process.exit(1);
    }
    compared += asked.length;
  }
  lake.closeSync();
  if (compared === 0) throw new Error('No mart has a row, so nothing was compared.');
  process.stdout.write(`Marts and named queries agree: ${compared} rows.\n`);
}

await runCommand(dbtTest);
