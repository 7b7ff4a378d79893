/** One `npm start`, and a query of what it loaded. test/long/local/start.test.ts starts it again, in every way. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { keysInLake, keysInSimulator } from '../support/lake-rows.ts';
import { runQuery, runStart } from '../support/start-process.ts';

const tables = ['leads', 'lead_messages', 'campaigns'];
let folder: string;
let simulator: Simulator;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'npm-start-'));
  simulator = await startSimulator({ leads: 20 });
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

it('npm start loads every row, says so, and writes its report', { timeout: 120_000 }, async () => {
  const api = ['--api-url', simulator.baseUrl, '--api-key', simulator.apiKey, '--requests-per-minute', '1000000'];
  const choice = ['--out', 'lake', '--streams', tables.join(','), '--report', 'report.json'];
  const { code, stdout, stderr } = await runStart([...api, ...choice], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/Run nightly-\w+ is complete: [\d,]+ rows in 3 tables/);
  expect(stdout).not.toContain(simulator.apiKey);
  expect(await keysInLake(join(folder, 'lake'), tables)).toEqual(keysInSimulator(simulator, tables));
  expect((await readdir(join(folder, 'lake', 'lake'))).toSorted()).toEqual([...tables, 'pipeline_runs'].toSorted());
  expect(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'))).toMatchObject({ status: 'complete' });
});

it('npx prospect-lake query reads what it loaded', async () => {
  const { code, stdout } = await runQuery(['SELECT count(*) AS leads FROM leads', '--out', 'lake', '--json'], {
    cwd: folder,
  });
  expect({ code, answer: JSON.parse(stdout) }).toEqual({ code: 0, answer: [{ leads: 20 }] });
});
