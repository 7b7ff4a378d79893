/** A data file of a current table is lost: a run cannot end, says which file and what repairs it, and ends after that. */

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

it('is named by the run that needs it and by its dead letters, with the repair, after which the run ends', {
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
  expect(run.stdout).toMatch(/^Run nightly-\S+ has not ended\. What failed last: current\/campaigns\/data\//m);
  expect(run.stdout).toContain(`${file} ${repair}`);
  const replay = `npx prospect-lake ops replay-dead-letters --local --out ${folder}`;
  expect(run.stdout).toContain(`Once the cause is fixed: ${replay}\n`);
  expect((await ops('status')).stdout).toMatch(new RegExp(`^Interrupted: [^]*To take it up:\n {4}${replay}$`, 'm'));
  expect((await ops('replay-dead-letters')).stdout).toContain(`damaged_object: ${file} ${repair}`);

  expect((await ops('audit --repair --yes')).stdout).toContain('The lake matches the API.');
  expect((await ops('replay-dead-letters --yes')).stdout).toContain('sent again, 0 left.');
  expect((await ops('status')).stdout).toContain('and nothing needs you');
});
