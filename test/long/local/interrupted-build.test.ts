/** The build of the functions before the first run. */

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProjectCopy } from '../../support/project-copy.ts';
import { endOf } from '../../support/start-process.ts';

const project = new ProjectCopy();
const assemblies = join(project.folder, '.cache', 'assemblies');
beforeAll(() => {
  project.configure(`
    import { defineConfig } from './lib/config/config.ts';
    export const workspaces = defineConfig([{ name: 'main' }]);`);
  symlinkSync(resolve(import.meta.dirname, '../../../package-lock.json'), join(project.folder, 'package-lock.json'));
});
afterAll(() => project.delete());

const unfinished = () =>
  existsSync(assemblies) ? readdirSync(assemblies).filter((name) => name.startsWith('.making-')) : [];

it('is announced, and leaves nothing behind if it is interrupted', async () => {
  // What an earlier build left that was killed.
  mkdirSync(join(assemblies, '.making-killed'), { recursive: true });
  const child = spawn(process.execPath, [join(project.folder, 'bin/prospect-lake.js'), 'start', '--leads', '10'], {
    cwd: project.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '--preserve-symlinks --preserve-symlinks-main' },
  });
  const ended = endOf(child);
  const isBuilding = () => unfinished().some((name) => name !== '.making-killed');
  await expect.poll(isBuilding, { timeout: 60_000, interval: 5 }).toBe(true);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect([code, stderr]).toEqual([130, '\nInterrupted. Nothing was read.\n']);
  expect(stdout).toMatch(/^Building the functions .* up to a minute/);
  expect(unfinished()).toEqual([]);
});
