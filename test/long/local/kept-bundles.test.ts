/** Which of the bundles and templates a start makes again after a change. */

import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readAssembly } from '../../../local/cloud/cloudformation/template.ts';
import { ProjectCopy } from '../../support/project-copy.ts';

const root = resolve(import.meta.dirname, '../../..');
const project = new ProjectCopy();
const assemblies = join(project.folder, '.cache', 'assemblies');
afterAll(() => project.delete());

const configure = (workspace: object) =>
  project.configure(`
    import { defineConfig } from './lib/config/config.ts';
    export const workspaces = defineConfig([${JSON.stringify(workspace)}]);`);

const make = `
  import { currentAssembly } from './local/run/assembly.ts';
  process.stdout.write(await currentAssembly());`;
/** The folder of the current assembly, or why there is none. */
function assembly(environment: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', make], {
    cwd: project.folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '--preserve-symlinks --preserve-symlinks-main', ...environment },
  });
  return status === 0 ? stdout : stderr;
}
/** Makes every bundling fail. */
const withoutBundler = { ESBUILD_BINARY_PATH: join(project.folder, 'no-esbuild') };
const bundles = () => readdirSync(assemblies).filter((name) => name.endsWith('.bundles'));

beforeAll(() => {
  rmSync(join(project.folder, 'lambdas'));
  cpSync(join(root, 'lambdas'), join(project.folder, 'lambdas'), { recursive: true });
  writeFileSync(join(project.folder, 'package-lock.json'), '{}');
  writeFileSync(join(project.folder, 'no-esbuild'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  configure({ name: 'main', webhooks: { enabled: false } });
});

it('a build that fails leaves nothing behind, and the next one makes everything', () => {
  expect(assembly(withoutBundler)).toContain('Failed to bundle');
  expect(readdirSync(assemblies)).toEqual([]);
  expect(assembly()).toContain(assemblies);
});

it('a changed setting takes the bundles that are there, also those that no former configuration used', async () => {
  configure({ name: 'other', webhooks: { enabled: true } });
  const made = assembly(withoutBundler);
  expect(made).toContain(assemblies);
  expect([...(await readAssembly(made)).stacks.keys()]).toContain('ProspectLake-other-Pipeline');
  const assets = readdirSync(made).filter((name) => name.startsWith('asset.'));
  // One of each function.
  expect(assets).toHaveLength(readdirSync(join(made, 'functions')).filter((name) => /^[a-z]+\.mjs$/.test(name)).length);
});

it('a changed source makes the bundles again, and removes the former ones', async () => {
  const former = bundles();
  await appendFile(join(project.folder, 'lambdas/handlers/plan.ts'), '// changed\n');
  expect(assembly(withoutBundler)).toContain('Failed to bundle');
  expect(assembly()).toContain(assemblies);
  expect(bundles()).toHaveLength(1);
  expect(bundles()).not.toEqual(former);
});

it('a changed dependency makes the bundles again', async () => {
  expect(bundles()).toHaveLength(1);
  await appendFile(join(project.folder, 'package-lock.json'), '\n');
  expect(assembly(withoutBundler)).toContain('Failed to bundle');
});
