/**
 * `npm run test:mutation`: breaks one promise of the pipeline at a time, in a copy of the code, and shows that the
 * promise's suite fails. Exits 1 if a mutation goes unnoticed. Arguments: words that must be in a mutation's name,
 * file or suite.
 */

import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutations } from './mutation-list.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What the copy leaves out. */
const leftOut = new Set(['node_modules', '.git', '.cache', 'cdk.out']);

const wanted = mutations.filter(({ name, file, suite }) =>
  process.argv.slice(2).every((word) => [name, file, suite].some((text) => text.includes(word))),
);
const folder = await mkdtemp(join(tmpdir(), 'mutation-'));
const say = (text: string) => process.stdout.write(`${text}\n`);
let unnoticed = 0;
try {
  for (const path of await readdir(root))
    if (!leftOut.has(path)) await cp(join(root, path), join(folder, path), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const passed = new Set<string>();
  // Sorted by suite, with the slow crash matrix last. Each suite first has to pass on the unchanged code.
  for (const { name, file, from, to, suite, steps } of wanted.toSorted((a, b) => b.suite.localeCompare(a.suite))) {
    const failed = passed.has(suite) ? undefined : await failingTest(suite, steps);
    if (failed !== undefined) throw new Error(`Nothing is broken yet, and a test fails: ${failed}`);
    passed.add(suite);
    const path = join(folder, 'lambdas', file);
    const text = await readFile(path, 'utf8');
    if (text.split(from).length !== 2)
      throw new Error(`${file} no longer has the text of "${name}" exactly once; write it anew.`);
    await writeFile(
      path,
      text.replace(from, () => to),
    );
    const noticed = await failingTest(suite, steps);
    await writeFile(path, text);
    if (noticed === undefined) unnoticed += 1;
    say(noticed === undefined ? `UNNOTICED  ${name}` : `noticed    ${name}  (${noticed})`);
  }
  say(`${wanted.length - unnoticed} of ${wanted.length} mutations were noticed.`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = unnoticed > 0 ? 1 : 0;

/** Runs a suite. @returns the first test that failed, or undefined if all passed */
async function failingTest(suite: string, steps: RegExp | undefined): Promise<string | undefined> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--bail', '1', '--no-color', join('test', suite)], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', MANY_TRIES: '1', ...(steps ? { CRASH_STEPS: steps.source } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  if (code === 0) return undefined;
  // vitest prints the project before the file.
  const failed = /FAIL\s+(?:\|\w+\|\s+)?(\S+ > .*)/.exec(output)?.[1];
  if (failed === undefined) throw new Error(`The suite did not run:\n${output}`);
  return failed.trim();
}
