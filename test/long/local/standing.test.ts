/** What an earlier night left for a person: a start that finds nothing wrong itself tells of it, as status and page do. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { SimulatorOptions } from '../../../local/simulator/options.ts';
import { startSimulator } from '../../../local/simulator/simulator.ts';
import { runOps } from '../../support/ops-process.ts';
import { runStart } from '../../support/start-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'standing-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Faults = Pick<SimulatorOptions, 'half' | 'empty'>;

async function startOn(faults: Faults, ...flags: readonly string[]) {
  const simulator = await startSimulator({ leads: 60, ...faults });
  const source = ['--api-url', simulator.baseUrl, '--api-key', simulator.apiKey, '--requests-per-minute', '100000'];
  const ended = await runStart([...source, '--out', 'lake', '--streams', 'leads,campaigns', ...flags], { cwd: folder });
  await simulator.stop();
  return ended;
}

async function healthyOpsRun() {
  const simulator = await startSimulator({ leads: 60 });
  vi.stubEnv('PROSPECTB2B_API_URL', simulator.baseUrl);
  vi.stubEnv('PROSPECTB2B_API_KEY', simulator.apiKey);
  const ended = await runOps('run --yes --local --out lake', folder);
  vi.unstubAllEnvs();
  await simulator.stop();
  return ended;
}

it('is told by start, ops run, status and page alike, until it is settled', { timeout: 400_000 }, async () => {
  const seen = async ({ code, stdout }: Awaited<ReturnType<typeof startOn>>) => {
    const status = await runOps('status --local --out lake', folder);
    const page = await readFile(join(folder, 'lake', 'index.html'), 'utf8');
    return { code, stdout, status, page };
  };
  expect(await seen(await startOn({}))).toMatchObject({ code: 0, status: { code: 0 } });

  const faulty = await seen(await startOn({ half: ['leads'], empty: ['campaigns'] }, '--full-refresh'));
  expect(faulty).toMatchObject({ code: 1, status: { code: 1 } });

  const healthy = await seen(await startOn({}));
  expect(healthy.stdout).toMatch(/Run nightly-\w+ is complete/);
  expect(healthy).toMatchObject({ code: 1, status: { code: 1 } });
  const [first = ''] = healthy.status.stdout.split('\n');
  expect(first).toContain('but this needs you: DeletionsHeld (leads)');
  expect(healthy.stdout).toContain(first);
  expect(healthy.stdout).toContain('npx prospect-lake ops run --full-refresh --local --out lake');
  expect(healthy.stdout).toContain('npx prospect-lake ops status --local --out lake');
  expect(healthy.page).toContain('1 problem needs you');

  const again = await healthyOpsRun();
  expect(again).toMatchObject({ code: 1 });
  expect(again.stdout).toContain(first);

  const settled = await seen(await startOn({}, '--full-refresh'));
  expect(settled).toMatchObject({ code: 0, status: { code: 0 } });
  expect(settled.stdout).not.toContain('DeletionsHeld');
  expect(settled.page).toContain('Nothing needs you');
});
