/** `start --streams` after a night that left tables unread: status, page and exit status go on to tell of them. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { streams } from '../../../lambdas/streams/registry.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { runOps } from '../../support/ops-process.ts';
import { runStart } from '../../support/start-process.ts';

let folder: string;
let simulator: Simulator;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'restricted-'));
  const scopes = [...streams.map(({ scope }) => scope), 'me.read'].filter((scope) => scope !== 'campaigns.read');
  simulator = await startSimulator({ leads: 5, scopes });
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(...flags: readonly string[]) {
  const source = ['--api-url', simulator.baseUrl, '--api-key', simulator.apiKey, '--requests-per-minute', '100000'];
  const { code } = await runStart([...source, '--out', 'lake', ...flags], { cwd: folder });
  const status = await runOps('status --local --out lake', folder);
  const json = await runOps('status --local --out lake --json', folder);
  const page = await readFile(join(folder, 'lake', 'index.html'), 'utf8');
  return {
    codes: [code, status.code],
    verdict: status.stdout.split('\n')[0],
    stdout: status.stdout,
    runs: (JSON.parse(json.stdout) as { runs: { requestedStreams?: string[] }[] }).runs,
    headline: /<h1.*<\/svg>(.*)<\/h1>/.exec(page)?.[1],
    hasProblem: page.includes('Scope missing'),
  };
}

it('a run of some tables leaves what the last night could not read a problem', { timeout: 400_000 }, async () => {
  const night = await start();
  expect(night).toMatchObject({ codes: [1, 1], hasProblem: true });
  expect(night.verdict).toMatch(/left 4 tables incomplete: ScopeMissing \(campaigns, /);

  const restricted = await start('--streams', 'identity');
  const { codes, verdict, headline, hasProblem } = night;
  expect(restricted).toMatchObject({ codes, verdict, headline, hasProblem });
  expect(restricted.runs.map(({ requestedStreams }) => requestedStreams)).toEqual([['identity'], undefined]);
  expect(restricted.stdout).toContain('never: campaigns, ');
});
