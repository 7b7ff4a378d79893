/** A run whose output is piped to a program that ends before the run does, such as `head`. */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { endOf } from '../../support/start-process.ts';

const program = fileURLToPath(new URL('../../../bin/prospect-lake.js', import.meta.url));
let folder: string;
let simulator: Simulator;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reader-'));
  simulator = await startSimulator({ leads: 10 });
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

async function startInto(reader: string, key: string) {
  const api = ['--api-url', simulator.baseUrl, '--api-key', key, '--requests-per-minute', '100000'];
  const args = [program, 'start', ...api, '--out', folder, '--streams', 'leads'];
  const script = `"$0" "$@" 2>&1 | ${reader}; exit "\${PIPESTATUS[0]}"`;
  const { code } = await endOf(
    spawn('bash', ['-c', script, process.execPath, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  return { code, page: await readFile(join(folder, 'index.html'), 'utf8').catch(() => '') };
}

it('is finished, with its page and its exit status', async () => {
  const first = await startInto('true', simulator.apiKey);
  expect(first.code).toBe(0);
  expect(first.page).toMatch(/tables? (is|are) up to date/);
  const refused = await startInto('true', 'expired');
  expect(refused.code).toBe(1);
  expect(refused.page).toContain('The last night failed');
});
