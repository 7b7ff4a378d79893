/** `npm start` and the commands used after it, if prospect-lake.config.ts has several workspaces. */

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCloud } from '../../../local/cloud/cloud.ts';
import { writeFolderSource } from '../../../local/run/folder-source.ts';
import { ProjectCopy } from '../../support/project-copy.ts';
import { endOf } from '../../support/start-process.ts';
import { dataStack, temporaryFolder, writeAssembly } from '../../local/cloud/fixture-assembly.ts';

const long = { timeout: 300_000 };
const project = new ProjectCopy();
beforeAll(() => {
  symlinkSync(resolve(import.meta.dirname, '../../../package-lock.json'), join(project.folder, 'package-lock.json'));
  project.configure(`
    import { defineConfig } from './lib/config/config.ts';
    export const workspaces = defineConfig([
      { name: 'sales' },
      { name: 'partners', streams: ['campaigns'], customColumns: { campaigns: { budget: { type: 'integer' } } } },
    ]);`);
});
afterAll(() => project.delete());

async function run(...args: string[]) {
  const child = spawn(process.execPath, [join(project.folder, 'bin/prospect-lake.js'), ...args], {
    cwd: project.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Makes the CDK app, which is a process of its own, find the configuration of the project's copy.
    env: { ...process.env, NODE_OPTIONS: '--preserve-symlinks --preserve-symlinks-main' },
  });
  return endOf(child);
}
const start = (...args: string[]) => run('start', '--leads', '10', ...args);

describe('npm start without --workspace', () => {
  it('names them in one line', async () => {
    const stderr = 'There are several workspaces: say --workspace sales or partners.\n';
    expect(await start()).toEqual({ code: 2, stdout: '', stderr });
  });
});

it('an unknown workspace is reported in one line, with the known ones', async () => {
  expect(await start('--workspace', 'nobody')).toEqual({
    code: 2,
    stdout: '',
    stderr: "There is no workspace 'nobody' in prospect-lake.config.ts: say --workspace sales or partners.\n",
  });
});

describe('npm start with --workspace', () => {
  it('runs the functions of that workspace, as it is configured', long, async () => {
    const { code, stdout, stderr } = await start('--workspace', 'partners', '--out', 'mine');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Run nightly-\S+ is complete: \d+ rows in 1 table,/m);
    expect(readdirSync(join(project.folder, 'mine', 'lake')).toSorted()).toEqual(['campaigns', 'pipeline_runs']);
  });

  it('query needs nothing more, and finds the columns that the configuration adds', async () => {
    expect(await run('query', 'SELECT count(budget) FROM campaigns', '--out', 'mine')).toMatchObject({
      code: 0,
    });
  });

  it('ops works on the folder by the name of the workspace', long, async () => {
    const status = await run('ops', 'status', '--local', '--workspace', 'partners', '--out', 'mine');
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(status.stdout).toContain('complete');
  });

  it('a run that cannot continue suggests the command with the workspace in it', long, async () => {
    const pause = await run('ops', 'pause', '--yes', '--local', '--workspace', 'partners', '--out', 'mine');
    expect(pause.code).toBe(0);
    const source = () => readFileSync(join(project.folder, 'mine', 'source.json'), 'utf8');
    const before = source();
    expect(await start('--workspace', 'partners', '--out', 'mine', '--requests-per-minute', '7')).toMatchObject({
      code: 2,
      stderr:
        'The pipeline is paused. Let it go on: npx prospect-lake ops resume --local --workspace partners --out mine\n',
    });
    expect(source()).toBe(before);
  });

  it('refuses the folder of another', long, async () => {
    expect(await start('--workspace', 'sales', '--out', 'mine')).toMatchObject({
      code: 2,
      stderr:
        "mine holds the tables of the workspace 'partners'. Choose another folder with --out, or --workspace partners.\n",
    });
  });
});

it('a folder of a workspace that is no longer configured is reported in one line', async () => {
  const folder = await temporaryFolder();
  try {
    const assembly = await writeAssembly(join(folder.path, 'assembly'), { data: dataStack }, false);
    const out = join(folder.path, 'out');
    await mkdir(out);
    await writeFolderSource(out, { kind: 'simulator', workspace: null, configured: 'former' });
    await expect(startCloud({ assembly, out })).rejects.toThrow(
      "no workspace 'former' in the configuration of the last start",
    );
  } finally {
    await folder.remove();
  }
});
