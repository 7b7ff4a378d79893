/** `npm start` on an API keeps the rate of prospect-lake.config.ts, unless a flag sets another. */

import { spawn } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { ProjectCopy } from '../../support/project-copy.ts';
import { endOf } from '../../support/start-process.ts';

const long = { timeout: 120_000 };
const project = new ProjectCopy();
let simulator: Simulator;
beforeAll(async () => {
  symlinkSync(resolve(import.meta.dirname, '../../../package-lock.json'), join(project.folder, 'package-lock.json'));
  project.configure(`
    import { defineConfig } from './lib/config/config.ts';
    export const workspaces = defineConfig([
      { name: 'slow', requestsPerMinute: 20, streams: ['campaigns', 'jobs', 'imports'] },
    ]);`);
  simulator = await startSimulator({ leads: 1 });
});
afterAll(async () => {
  await simulator.stop();
  project.delete();
});

/** Runs `npm start`. @returns its output, and the milliseconds between the functions' first and last request */
async function load(out: string, ...flags: string[]): Promise<{ stdout: string; lasted: number }> {
  simulator.clearRequests();
  const times: number[] = [];
  const args = ['--api-url', simulator.baseUrl, '--api-key', simulator.apiKey, '--out', out, ...flags];
  const child = spawn(process.execPath, [join(project.folder, 'bin/prospect-lake.js'), 'start', ...args], {
    cwd: project.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Makes the CDK app, which is a process of its own, find the configuration of the project's copy.
    env: { ...process.env, NODE_OPTIONS: '--preserve-symlinks --preserve-symlinks-main' },
  });
  const timer = setInterval(() => {
    const asked = simulator.requests.filter(({ path }) => path !== '/me').length;
    while (times.length < asked) times.push(Date.now());
  }, 20);
  const { code, stdout, stderr } = await endOf(child);
  clearInterval(timer);
  expect({ code, stderr, asked: times.length }).toEqual({ code: 0, stderr: '', asked: 3 });
  return { stdout, lasted: (times.at(-1) ?? 0) - (times[0] ?? 0) };
}

it('twenty requests a minute are twenty, also on this machine', long, async () => {
  const { stdout, lasted } = await load('slow');
  expect(stdout).toContain('with at most 20 requests a minute.');
  // Two functions share the rate, so each sends a request every six seconds.
  expect(lasted).toBeGreaterThan(5_000);
});

it('--requests-per-minute is used instead', long, async () => {
  const { stdout, lasted } = await load('fast', '--requests-per-minute', '6000');
  expect(stdout).toContain('with at most 6,000 requests a minute.');
  expect(lasted).toBeLessThan(5_000);
});

it('the next start goes at the rate of the configuration again, and says how to keep the other', long, async () => {
  const { stdout } = await load('fast');
  expect(stdout).toContain('The last start had 6,000 requests a minute: --requests-per-minute 6000 keeps it.');
  expect(stdout).toContain('with at most 20 requests a minute.');
});
