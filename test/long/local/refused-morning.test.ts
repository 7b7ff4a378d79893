/** A morning on which the key has expired, on a folder that has tables. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { currentAssembly } from '../../../local/run/assembly.ts';
import { startCloud } from '../../../local/cloud/cloud.ts';
import { localEnvironment } from '../../../local/run/run-pipeline.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { inProcess } from '../../support/in-process.ts';
import { runOps } from '../../support/ops-process.ts';
import { runStart } from '../../support/start-process.ts';

let folder: string;
let simulator: Simulator;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'morning-'));
  simulator = await startSimulator({ leads: 10 });
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

const start = (key: string) =>
  runStart(['--api-url', simulator.baseUrl, '--api-key', key, '--out', folder, '--requests-per-minute', '100000'], {
    cwd: folder,
  });
const sentence = 'The API key is missing, malformed, revoked or expired.';
const times = (text: string) => text.split(sentence).length - 1;

it('is a failed run, and start, status and page say why, once', async () => {
  expect(await start(simulator.apiKey)).toMatchObject({ code: 0 });
  const refused = await start('expired');
  expect(refused.code).toBe(1);
  expect(times(refused.stdout + refused.stderr)).toBe(1);
  expect(refused.stdout).toMatch(/^Run nightly-\S+ failed after /m);
  expect(refused.stdout).toContain('  KeyRefused: The API answered 401. ');
  // The problems follow the first line, before what a person can do with the tables.
  expect(refused.stdout).toMatch(
    /\nRun \S+ failed after .*\n\nProblems:\n {2}KeyRefused: .*\n.* section for each of these names\.\n(.*dead letter.*\n)?\nTables: /,
  );

  const status = await runOps(`status --local --out ${folder}`);
  expect(status.code).toBe(1);
  expect(times(status.stdout)).toBe(1);
  expect(status.stdout).toMatch(/^nightly-\S+ .* failed /m);
  expect(status.stdout).toContain('  KeyRefused (all tables): The API answered 401. ');

  const page = await readFile(join(folder, 'index.html'), 'utf8');
  expect(times(page)).toBe(1);
  expect(page).toContain('The last night failed');
  expect(page).toContain(`<code>npx prospect-lake ops run --local --out ${folder}</code>`);

  // The next night, with a key that is valid, mends it.
  expect(await start(simulator.apiKey)).toMatchObject({ code: 0 });
});

it('a run that was interrupted after it had failed is followed by one that uses the key and address of this start', async () => {
  const cloud = await startCloud({
    assembly: await currentAssembly(),
    out: folder,
    startInstance: inProcess,
    concurrency: { publish: 0 },
    environment: localEnvironment({
      apiUrl: 'http://127.0.0.1:9',
      streams: undefined,
      startDate: undefined,
      requestsPerMinute: 100_000,
    }),
    secrets: { apiKey: simulator.apiKey },
  });
  await cloud.invoke('plan', { scheduledAt: new Date().toISOString(), once: true });
  await cloud.stop();
  const { code, stdout } = await start(simulator.apiKey);
  expect(stdout).toMatch(
    /^Run (nightly-\S+) had failed when it was interrupted\. It ends, and another run begins\.\n/m,
  );
  expect(stdout).toMatch(/^Run nightly-\S+ is complete/m);
  expect(stdout).not.toContain('127.0.0.1:9');
  expect(code).toBe(0);
});
