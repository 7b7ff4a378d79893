/** A data file of a current table is lost, or its bytes are changed in place: the run ends without it, says which file and what repairs it, and the next one is complete. */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runOps } from '../../support/ops-process.ts';
import { runStart } from '../../support/start-process.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lost-file-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

it.each([
  ['lost', 'is missing.', async (path: string) => rm(path)],
  [
    'changed in place',
    'is damaged: its checksum does not match.',
    async (path: string) => writeFile(path, (await readFile(path)).fill(7, 200, 400)),
  ],
])(
  'a file that is %s is named by the run that needs it, with the repair, after which the next run is complete',
  {
    timeout: 240_000,
  },
  async (_, fault, damage) => {
    const start = () => runStart(['--out', folder, '--leads', '10', '--streams', 'campaigns'], { cwd: folder });
    const ops = (command: string) => runOps(`${command} --local --out ${folder}`);
    expect((await start()).code).toBe(0);
    const data = join(folder, 'current/campaigns/data');
    const [name = ''] = await readdir(data);
    await damage(join(data, name));

    const file = `current/campaigns/data/${name} ${fault}`;
    const repair = `What is damaged, and how it is read again: npx prospect-lake ops audit --local --out ${folder} --repair.`;
    const run = await ops('run --full-refresh --yes');
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/^Run nightly-\S+ is partial/m);
    expect(run.stdout).toContain(`${file} ${repair}`);
    expect((await ops('replay-dead-letters')).stdout).toContain('no dead letters');

    expect((await ops('audit --repair --yes')).stdout).toContain('The lake matches the API.');
    expect((await start()).code).toBe(0);
    expect((await ops('status')).stdout).toContain('and nothing needs you');
  },
);
