/** `npm start` with a folder or a port that it cannot use: the command says so, ends, and changes nothing. */

import { open, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StateFile } from '../../local/cloud/state-file.ts';
import { close, listen } from '../../local/run/listening.ts';
import { runOps } from '../support/ops-process.ts';
import { runStart, type StartedProcess, startProcess } from '../support/start-process.ts';

const long = { timeout: 120_000 };
const small = ['--leads', '10', '--streams', 'campaigns'];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taken-folder-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const start = (...args: string[]) => runStart([...small, ...args], { cwd: folder });

describe('a folder that a watching run uses', () => {
  let watching: StartedProcess | undefined;
  afterEach(() => watching?.killAll());

  it('is unchanged after a second start, which says how to end the first', long, async () => {
    watching = startProcess([...small, '--out', 'taken', '--watch', '--webhook-port', '0'], { cwd: folder });
    const isWatching = () =>
      stat(join(folder, 'taken', '.cloud', 'watch.json')).then(
        () => true,
        () => false,
      );
    await expect.poll(isWatching, { timeout: 90_000 }).toBe(true);
    const written = () =>
      Promise.all(
        ['simulator.json', 'source.json', 'state/pipeline.json'].map((name) =>
          readFile(join(folder, 'taken', name), 'utf8'),
        ),
      );
    const before = await written();
    const { code, stderr } = await start('--out', 'taken');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /^Another start or command of ops is at work on \S+\. .*--watch ends with Ctrl-C.*--out <dir>\n$/,
      ),
    });
    expect(await written()).toEqual(before);
  });
});

it('a port that is in use is reported in one line, and the folder stays free for another source', long, async () => {
  const server = createServer();
  const port = await listen(server);
  const { code, stderr } = await start('--out', 'port', '--watch', '--webhook-port', String(port));
  await close(server);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^Port \d+ .*EADDRINUSE.*\n$/) });
  for (const name of ['simulator.json', 'source.json'])
    await expect(stat(join(folder, 'port', name))).rejects.toThrow('ENOENT');
});

it('--watch is refused before anything is read if the configuration switches webhooks off', async () => {
  const own = await mkdtemp(join(folder, 'own-'));
  const configuration = "export const workspaces = [{ name: 'sales', webhooks: { enabled: false } }];";
  await writeFile(join(own, 'prospect-lake.config.mjs'), configuration);
  expect(await runStart([...small, '--out', 'lake', '--watch'], { cwd: own })).toEqual({
    code: 2,
    stdout: '',
    stderr:
      "webhooks.enabled of workspace 'sales' is false in prospect-lake.config.mjs, and --watch needs webhooks: set it to true, or leave out --watch.\n",
  });
  await expect(stat(join(own, 'lake'))).rejects.toThrow('ENOENT');
});

describe('a state file that is damaged', () => {
  const damaged = (line: string) => new RegExp(`^\\S+state\\.sqlite is damaged \\(${line}\\).*--out.*\\n$`);

  it('is named in one line by npm start and by ops, which end', long, async () => {
    expect((await start('--out', 'cut')).code).toBe(0);
    await truncate(join(folder, 'cut', '.cloud', 'state.sqlite'), 20_000);
    const says = { code: 1, stderr: expect.stringMatching(damaged('database disk image is malformed')) };
    expect(await start('--out', 'cut')).toMatchObject(says);
    expect(await runOps(`status --local --out ${join(folder, 'cut')}`)).toMatchObject(says);
  });

  it('is detected if only pages in its middle are damaged', async () => {
    const cloud = join(folder, 'scribbled');
    const state = new StateFile(cloud);
    const insert = state.prepare('INSERT INTO switched_off (id) VALUES (?)');
    for (let id = 0; id < 1_000; id += 1) insert.run(`switch ${id} ${'x'.repeat(100)}`);
    state.close();
    const file = await open(join(cloud, 'state.sqlite'), 'r+');
    await file.write(Buffer.alloc(4_096, 'x'), 0, 4_096, 16 * 4_096);
    await file.close();
    expect(() => new StateFile(cloud)).toThrow(
      /state\.sqlite is damaged \(.*Move \S+ aside, .*--out.* Keep what you moved: it has the history, rejected_rows and pipeline_runs/,
    );
  });

  it('is detected if it is not a database', async () => {
    const cloud = join(folder, 'other');
    new StateFile(cloud).close();
    const file = await open(join(cloud, 'state.sqlite'), 'w');
    await file.write('no database '.repeat(100));
    await file.close();
    expect(() => new StateFile(cloud)).toThrow(/state\.sqlite is damaged \(file is not a database\)/);
  });
});
