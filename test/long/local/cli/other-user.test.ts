/** Commands of a user without a passwd entry and without a home, in a checkout of somebody else, or on a full disk. */

import { type SpawnOptions, spawn } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentAssembly } from '../../../../local/run/assembly.ts';
import { ProjectCopy } from '../../../support/project-copy.ts';
import { endOf } from '../../../support/start-process.ts';

const root = resolve(import.meta.dirname, '../../../..');
const long = { timeout: 120_000 };
/** Only root can become another user, or mount a small disk. */
const isRoot = process.getuid?.() === 0;
const nobody = { uid: 54_321, gid: 54_321 };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'other-user-'));
  await chmod(folder, 0o777);
  await currentAssembly();
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(program: string, args: readonly string[], options: SpawnOptions = nobody) {
  const { PATH, NODE_OPTIONS } = { ...process.env, ...options.env };
  const env = { PATH, AWS_REGION: 'eu-central-1', ...(options.env ? { NODE_OPTIONS } : {}) };
  return endOf(spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder, ...options, env }));
}
const command = (...args: string[]) => run(process.execPath, [join(root, 'bin/prospect-lake.js'), ...args]);
const small = ['--leads', '5', '--streams', 'campaigns'];

describe.runIf(isRoot)('a user without a passwd entry, in the checkout of somebody else', () => {
  it('can run the pipeline, and query what it loaded', long, async () => {
    const { code, stdout, stderr } = await command('start', ...small, '--out', 'own');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('is complete');
    expect(await command('query', 'SELECT 1 AS one', '--out', 'own', '--csv')).toMatchObject({ stdout: 'one\n1\n' });
  });

  it('is told in one line that there are no AWS credentials', long, async () => {
    const stderr = 'No AWS credentials: set AWS_PROFILE, or sign in with aws sso login.\n';
    expect(await command('ops', 'status')).toEqual({ code: 2, stdout: '', stderr });
  });

  it('is told in one line which folder it cannot write', long, async () => {
    await mkdir(join(folder, 'theirs'), { mode: 0o755 });
    const started = await command('start', ...small, '--out', 'theirs');
    expect([started.code, started.stderr]).toEqual([
      2,
      expect.stringMatching(/^The folder theirs cannot be written \(EACCES\)\..*\n$/),
    ]);
  });

  it('is told in one line that the checkout cannot be built', long, async () => {
    const project = new ProjectCopy();
    await chmod(project.folder, 0o755);
    const options = { ...nobody, env: { NODE_OPTIONS: '--preserve-symlinks --preserve-symlinks-main' } };
    symlinkSync(join(root, 'package-lock.json'), join(project.folder, 'package-lock.json'));
    const script = join(project.folder, 'bin/prospect-lake.js');
    project.configure(`
      import { defineConfig } from './lib/config/config.ts';
      export const workspaces = defineConfig([{ name: 'main', pageSize: 99 }]);`);
    const { code, stderr } = await run(
      process.execPath,
      [script, 'start', ...small, '--out', join(folder, 'b')],
      options,
    );
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^\S+\.cache\S* cannot be written \(EACCES\): .*\n$/)]);
    project.delete();
  });
});

describe.runIf(isRoot)('a disk that is full', () => {
  it.each(['400k', '1500k'])('ends a run with one line (%s)', long, async (size) => {
    const disk = join(folder, `disk-${size}`);
    await mkdir(disk);
    const start = `"$1" "$2" start --leads 300 --out "$3/out"`;
    const script = `mount -t tmpfs -o size=${size} tmpfs "$3" && ${start}`;
    const args = ['--mount', 'sh', '-c', script, 'sh', process.execPath, join(root, 'bin/prospect-lake.js'), disk];
    const { code, stderr } = await run('unshare', args, {});
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^\n?The disk is full, .*\n$/)]);
  });
});
