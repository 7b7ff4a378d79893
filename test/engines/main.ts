/**
 * `npm run test:engines [-- --trino] [-- --spark]`: installs the engines once into .cache/engines, then each reads the
 * current tables. Needs Python 3.10 or newer; Trino and Spark also need Maven, Spark needs JDK 17 and Trino JDK 25.
 * `-- --year` instead measures what DuckDB reads after a year of nights, on three layouts.
 */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installPython } from '../../tools/install-python.ts';
import { findJava, installSpark, installTrino } from './java-engines.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.cache/engines');
const python = join(folder, 'venv/bin/python');
/** Exit status if no package index can be reached: EX_UNAVAILABLE of sysexits.h. */
const cannotInstall = 69;

const { values, tokens } = parseArgs({
  options: { trino: { type: 'boolean' }, spark: { type: 'boolean' }, year: { type: 'boolean' } },
  allowPositionals: true,
  strict: false,
  tokens: true,
});
/** Other arguments for vitest, such as `--reporter`. */
const forVitest = tokens.flatMap((token) => {
  if (token.kind !== 'option' || token.name === 'trino' || token.name === 'spark') return [];
  return [token.value === undefined ? token.rawName : `${token.rawName}=${token.value}`];
});
const engines = ['pyiceberg', 'duckdb', ...(values['trino'] ? ['trino'] : []), ...(values['spark'] ? ['spark'] : [])];
try {
  const lists = [
    'requirements.txt',
    ...(values['trino'] ? ['requirements-trino.txt'] : []),
    ...(values['spark'] ? ['requirements-spark.txt'] : []),
  ];
  installPython(
    join(folder, 'venv'),
    lists.map((list) => join(root, 'test/engines', list)),
  );
} catch (error) {
  process.stderr.write(`${String(error)}\nThe engines cannot be installed from here.\n`);
  process.exit(cannotInstall);
}
if (values['year']) {
  const measured = spawnSync(process.execPath, [join(root, 'test/engines/year.ts')], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ENGINES_PYTHON: python },
  });
  process.exit(measured.status ?? 1);
}
const environment = {
  ENGINES: engines.join(','),
  ENGINES_PYTHON: python,
  ...(values['trino'] ? { TRINO_HOME: installTrino(folder), TRINO_JAVA: findJava(25) } : {}),
  ...(values['spark'] ? { SPARK_JARS: installSpark(folder), JAVA_HOME: findJava(17) } : {}),
};
for (const engine of ['trino', 'spark'])
  if (!engines.includes(engine)) process.stdout.write(`Left out: ${engine} (--${engine} lets it read too).\n`);
const config = ['--config', 'test/engines/vitest.config.ts', '--root', '.'];
const { status } = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', ...config, ...forVitest], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...environment },
});
process.exitCode = status ?? 1;
