import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutations } from './mutation-list.ts';

/**
 * `npm run test:mutation`: breaks one promise of the pipeline at a time, in a copy of it, and shows that
 * the suite fails. Exit code 1 where one goes unnoticed. Arguments: words that a mutation's name must hold.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = [
  'lambdas',
  'local',
  'test/core',
  'test/adapters',
  'test/local/cloud',
  'test/support',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];
const suites = [
  'test/core/pipeline.test.ts',
  'test/core/store/stored-json.test.ts',
  'test/core/crash-matrix.test.ts',
  'test/core/delivery.test.ts',
  'test/core/publish/publish-overtaken.test.ts',
  'test/core/publish/compact-tables.test.ts',
  'test/core/replay/replay-dead-letters.test.ts',
  'test/core/replay/replay-rejected.test.ts',
  'test/adapters/sqs-queue.test.ts',
];

const folder = await mkdtemp(join(tmpdir(), 'mutation-'));
let unnoticed = 0;
try {
  for (const path of copied) await cp(join(root, path), join(folder, path), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const wanted = mutations.filter(({ name }) => process.argv.slice(2).every((word) => name.includes(word)));
  for (const { name, file, from, to } of wanted) {
    const path = join(folder, 'lambdas', file);
    const text = await readFile(path, 'utf8');
    if (text.split(from).length !== 2)
      throw new Error(`${file} no longer has the text of "${name}" exactly once; write it anew.`);
    await writeFile(
      path,
      text.replace(from, () => to),
    );
    const failed = await failingTest();
    await writeFile(path, text);
    if (failed === undefined) unnoticed += 1;
    process.stdout.write(
      `${failed === undefined ? 'UNNOTICED' : 'noticed  '}  ${name}${failed === undefined ? '' : `  (${failed})`}\n`,
    );
  }
  process.stdout.write(`${wanted.length - unnoticed} of ${wanted.length} mutations were noticed.\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = unnoticed > 0 ? 1 : 0;

/** @returns the first test that failed, or undefined where all passed */
async function failingTest(): Promise<string | undefined> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--bail', '1', '--no-color', ...suites], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  if (code === 0) return undefined;
  // Before the file stands the project that it is of.
  const failed = /FAIL\s+(?:\|\w+\|\s+)?(\S+ > .*)/.exec(output)?.[1];
  if (failed === undefined) throw new Error(`The suite did not run:\n${output}`);
  return failed.trim();
}
