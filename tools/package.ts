/**
 * `npm pack` runs this first. It writes dist, the part of the package that is built: JavaScript of the program and of
 * the construct, types of the construct, a minified bundle of each function, and the data files, all under the paths of
 * their sources, so that one file finds another as in a checkout. docs/adr/0012-the-package.md says why.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { bundleAll } from '../lib/bundling.ts';
import { bundleFunctions } from '../local/run/bundled-functions.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const dataFiles = [
  'cdk.json',
  'cost/prices.csv',
  'cost/reference.json',
  'lambdas/adapters/page.html',
  'lambdas/contract/openapi.json',
];

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  type: z.string(),
  dependencies: z.record(z.string(), z.string()),
});

function compile(...args: string[]): void {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
}

rmSync(dist, { recursive: true, force: true });
compile('-p', 'tsconfig.package.json');
compile('-p', 'tsconfig.package.types.json');
bundleAll(join(dist, 'functions'));
await bundleFunctions(join(dist, 'shared-functions'));
for (const file of dataFiles) cpSync(join(root, file), join(dist, file));
// Says that these files are modules, and which version and commit they are.
const described = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
writeFileSync(join(dist, 'package.json'), JSON.stringify({ ...described, commit: commit() }, null, 2));

/** The commit of the checkout, with `-dirty` if files differ from it; undefined for a copy without git. */
function commit(): string | undefined {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty', '--abbrev=10', '--exclude', '*'], {
    cwd: root,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}
