/** What no run can tell of, because none ended: a start with the key of another workspace, and a start that was killed. */

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planKey, reportKey } from '../../../lambdas/contract/object-keys.ts';
import { commandStatus } from '../../../local/cli/run-command.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { page } from '../../../ops/page.ts';
import { runOps } from '../../support/ops-process.ts';
import { startScriptedServer } from '../../support/scripted-server.ts';
import { runHere, runStart, startProcess } from '../../support/start-process.ts';

const long = { timeout: 400_000 };
let folder: string;
let simulator: Simulator;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'untold-'));
  simulator = await startSimulator({ leads: 10 });
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

const flags = (url: string, key: string, rate: number) =>
  `--api-url ${url} --api-key ${key} --requests-per-minute ${rate} --out lake --streams campaigns`.split(' ');
const start = () => runStart(flags(simulator.baseUrl, simulator.apiKey, 100_000), { cwd: folder });
const status = () => runOps('status --local --out lake', folder);
const html = () => readFile(join(folder, 'lake', 'index.html'), 'utf8');

it(
  'a start with the key of another workspace is told by status and page until a run has gone through',
  long,
  async () => {
    expect(await start()).toMatchObject({ code: 0 });
    const other = await startScriptedServer();
    other.script((response) => response.end(JSON.stringify({ data: { tenant: { id: 'tenant_of_others' } } })));
    const refused = await runStart(flags(other.baseUrl, 'key-of-others', 100_000), { cwd: folder });
    await other.stop();
    const sentence = 'The key from --api-key belongs to the workspace tenant_of_others, but lake holds the tables of ';
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(sentence) });
    const told = await status();
    expect(told.code).toBe(1);
    expect(told.stdout).toContain('but this needs you: a key of another workspace.');
    expect(told.stdout).toContain(sentence);
    expect(await html()).toContain(sentence);
    expect(told.stdout + (await html())).not.toContain('key-of-others');

    expect(await start()).toMatchObject({ code: 0 });
    expect(await status()).toMatchObject({ code: 0 });
    expect(await html()).not.toContain(sentence);

    const others = await startScriptedServer();
    others.script((response) => response.end(JSON.stringify({ data: { tenant: { id: 'tenant_of_others' } } })));
    process.env['PROSPECTB2B_API_URL'] = others.baseUrl;
    process.env['PROSPECTB2B_API_KEY'] = 'key-of-others';
    const run = await runOps('run --local --out lake --yes', folder);
    delete process.env['PROSPECTB2B_API_URL'];
    delete process.env['PROSPECTB2B_API_KEY'];
    await others.stop();
    expect(run.code).toBe(1);
    expect(await html()).toContain('belongs to the workspace tenant_of_others');
    expect(await start()).toMatchObject({ code: 0 });
  },
);

it(
  'the page command writes the page anew after a start that was killed, so that it says what status says',
  long,
  async () => {
    const started = startProcess(flags(simulator.baseUrl, simulator.apiKey, 10), { cwd: folder });
    const isUnderWay = async () => {
      const runs = await readdir(join(folder, 'lake', 'runs'));
      const has = (key: string) => existsSync(join(folder, 'lake', key));
      return runs.some((runId) => has(planKey(runId)) && !has(reportKey(runId)));
    };
    await expect.poll(isUnderWay, { timeout: 90_000, interval: 5 }).toBe(true);
    started.killAll();
    await started.ended;
    const told = await status();
    expect(told.code).toBe(1);
    const [, runId = ''] = /The run (\S+) was interrupted/.exec(told.stdout) ?? [];
    expect(await html()).toContain('1 table is up to date');
    const shown = await runHere({ cwd: folder }, () => commandStatus(page, ['--out', 'lake']));
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(await html()).toContain(`The run ${runId} was interrupted`);
    expect(await html()).not.toContain('1 table is up to date');
  },
);
