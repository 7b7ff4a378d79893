import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitingKey } from '../../../lambdas/contract/object-keys.ts';
import { progressLine, RunProgress } from '../../../local/run/run-progress.ts';

const runId = 'nightly-20261124T020000000Z';
let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'run-progress-'));
  await mkdir(join(out, 'runs', runId), { recursive: true });
});
afterAll(() => rm(out, { recursive: true }));

const waitUntil = async (until: string) =>
  writeFile(join(out, waitingKey(runId)), JSON.stringify({ until, stream: 'leads', reason: 'leads: slow down.' }));
const line = async () => progressLine(await new RunProgress(out, runId).update(), 1, new Date());

it('a run that waits for the API says why, and until when', async () => {
  const until = new Date(Date.now() + 90_000).toISOString();
  await waitUntil(until);
  expect(await line()).toContain(`Waiting until ${until}. leads: slow down.`);
});

it('a wait that is over is not shown any more', async () => {
  await waitUntil(new Date(Date.now() - 1_000).toISOString());
  expect(await line()).not.toContain('Waiting');
});
