/** A data file of a current table is lost: the run ends without it, says which file and what repairs it, and the next one is complete. */

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runOps } from '../../support/ops-process.ts';
import { runStart } from '../../support/start-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lost-file-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

it('is named by the run that needs it, with the repair, after which the next run is complete', {
  timeout: 240_000,
}, async () => {
  const start = () => runStart(['--out', folder, '--leads', '10', '--streams', 'campaigns'], { cwd: folder });
  const ops = (command: string) => runOps(`${command} --local --out ${folder}`);
  expect((await start()).code).toBe(0);
  const data = join(folder, 'current/campaigns/data');
  const [name = ''] = await readdir(data);
  await rm(join(data, name));

  const file = `current/campaigns/data/${name} is missing.`;
  const repair = `What is damaged, and how it is read again: npx prospect-lake ops audit --local --out ${folder} --repair.`;
  const run = await ops('run --full-refresh --yes');
  expect(run.code).toBe(1);
  expect(run.stdout).toMatch(/^Run nightly-\S+ is partial/m);
  expect(run.stdout).toContain(`${file} ${repair}`);
  expect((await ops('replay-dead-letters')).stdout).toContain('no dead letters');

  expect((await ops('audit --repair --yes')).stdout).toContain('The lake matches the API.');
  expect((await start()).code).toBe(0);
  expect((await ops('status')).stdout).toContain('and nothing needs you');
});
