/** What `npm start` says about the run that an earlier `npm start` left in the folder. */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { planKey } from '../../../lambdas/contract/object-keys.ts';
import { readFolderSource } from '../../../local/run/folder-source.ts';
import { startSimulator } from '../../../local/simulator/simulator.ts';
import { runOps } from '../../support/ops-process.ts';
import { runStart, type StartedProcess, startProcess } from '../../support/start-process.ts';

const long = { timeout: 120_000 };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taken-up-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const flags = (out: string) => ['--out', out, '--leads', '20', '--streams', 'leads'];
/** Flags to load all tables at this many requests a minute. */
const slow = (out: string, requestsPerMinute: number) => [
  '--out',
  out,
  '--leads',
  '20',
  '--requests-per-minute',
  String(requestsPerMinute),
];
const start = (out: string) => runStart(flags(out), { cwd: folder });
/** Runs `npm start` until the run is planned. */
async function startAndPlan(args: readonly string[]): Promise<StartedProcess> {
  const [, out = ''] = args;
  const started = startProcess(args, { cwd: folder });
  const isPlanned = async () => {
    const runs = await readdir(join(folder, out, 'runs')).catch(() => []);
    return runs.some((runId) => existsSync(join(folder, out, planKey(runId))));
  };
  await expect.poll(isPlanned, { timeout: 90_000, interval: 5 }).toBe(true);
  return started;
}
/** Kills `npm start` in the middle of the load. */
async function startAndKill(out: string): Promise<void> {
  const started = await startAndPlan(flags(out));
  started.killAll();
  expect((await started.ended).code).toBeNull();
}
const status = (out: string) => runOps(`status --local --out ${join(folder, out)}`);
const epochs = async (out: string) =>
  z
    .object({ epochs: z.array(z.string()) })
    .parse(JSON.parse(await readFile(join(folder, out, 'simulator.json'), 'utf8'))).epochs;

describe('a run that was killed', () => {
  it('is resumed over the same state of the workspace; the next run is a new one', long, async () => {
    await startAndKill('killed');
    const found = await epochs('killed');

    const second = await start('killed');
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toMatch(/\(run 1 on this folder\)\.\nRun \S+ was interrupted; it goes on\.\n/);
    expect(await epochs('killed')).toEqual(found);

    const third = await start('killed');
    expect(third.stdout).toContain('(run 2 on this folder).');
    expect(third.stdout).not.toContain('was interrupted');
    expect(await epochs('killed')).toEqual([...found, expect.anything()]);
  });
});

it(
  'a run of an API that was killed goes on at its own rate and with its own tables, not with those of the configuration',
  long,
  async () => {
    const simulator = await startSimulator({ leads: 20 });
    try {
      const args = ['--out', 'rate', '--api-url', simulator.baseUrl, '--api-key', simulator.apiKey];
      const started = await startAndPlan([...args, '--requests-per-minute', '3000', '--streams', 'leads']);
      started.killAll();
      await started.ended;
      const { stdout } = await runStart(args, { cwd: folder });
      expect(stdout).toContain('with at most 3,000 requests a minute.');
      expect(stdout).toContain('Only these tables are read, as the interrupted start chose: leads.');
      expect(stdout).toMatch(/ is complete: \d+ rows in 1 table,/);
      expect(await readFolderSource(join(folder, 'rate'))).toMatchObject({ streams: ['leads'] });
      expect(stdout).toContain('was interrupted; it goes on.');
      // The next run is a new one, and keeps the rate of the configuration.
      const next = startProcess([...args, '--streams', 'campaigns'], { cwd: folder });
      expect((await next.ended).stdout).toContain('with at most 60 requests a minute.');
    } finally {
      await simulator.stop();
    }
  },
);

describe('a run whose whole process is killed while it is published', () => {
  it.each([
    ['after the first version of a table', 'versions', /^current\/leads\/metadata\/v1\.metadata\.json$/],
    ['after its row in pipeline_runs', 'rows', /^lake\/pipeline_runs\/.*\.parquet$/],
    ['after its report', 'report', /^runs\/nightly-[^/]*\/report\.json$/],
  ])('%s: the next start leaves each table as the API has it, and each run once', long, async (_, out, point) => {
    const started = startProcess(flags(out), { cwd: folder });
    const files = () => readdir(join(folder, out), { recursive: true }).catch(() => []);
    const isThere = async () => (await files()).some((file) => point.test(file));
    await expect.poll(isThere, { timeout: 90_000, interval: 5 }).toBe(true);
    started.killAll();
    await started.ended;
    expect(await start(out)).toMatchObject({ code: 0, stderr: '' });
    const found = await files();
    const count = (pattern: RegExp) => found.filter((file) => pattern.test(file)).length;
    const runs = count(/^runs\/[^/]*\/plan\.json$/);
    expect(count(/^runs\/[^/]*\/report\.json$/)).toBe(runs);
    expect(count(/^lake\/pipeline_runs\/.*\.parquet$/)).toBe(runs);
    expect((await runOps(`audit --local --out ${join(folder, out)}`)).stdout).toContain('matches the API');
    expect((await status(out)).stdout).toContain('and nothing needs you');
  });
});

describe('npx prospect-lake ops status', () => {
  it(
    'reads beside a run, and calls the run interrupted once its process is gone; ops run starts none beside it',
    long,
    async () => {
      const started = await startAndPlan(slow('beside', 20));
      const beside = await status('beside');
      expect(beside).toMatchObject({ code: 0, stderr: '' });
      expect(beside.stdout).toMatch(/^Under way: nightly-/m);

      started.interrupt();
      const { code, stderr } = await started.ended;
      expect(code).toBe(130);
      expect(stderr).toMatch(
        /^Interrupted\. What is stored in the folder is kept\. Pages that were read but not stored yet are read again: npx prospect-lake start --out beside goes on\.$/m,
      );
      const after = await status('beside');
      expect(after).toMatchObject({ code: 1, stderr: '' });
      expect(after.stdout.replaceAll('\n', ' ')).toMatch(
        /^Workspace main: on\. The run nightly-\S+ was interrupted: npx prospect-lake start --out \S+beside takes it up\. /,
      );
      expect(after.stdout).toMatch(
        /^Interrupted: nightly-.*To take it up:\n {4}npx prospect-lake start --out \S+beside$/m,
      );
      expect(await runOps(`run --yes --local --out ${join(folder, 'beside')}`)).toMatchObject({
        code: 1,
        stdout: expect.stringMatching(
          /^Run nightly-\S+ was interrupted, so none is started\. To go on with it:\n {2}npx prospect-lake start --out \S+beside\n$/,
        ),
      });
    },
  );
});

it('a run whose process of functions is killed goes on in another', long, async () => {
  const started = await startAndPlan(slow('function', 3_000));
  const children = await readFile(`/proc/${started.pid}/task/${started.pid}/children`, 'utf8');
  for (const child of children.split(' ').filter(Boolean)) process.kill(Number(child), 'SIGKILL');
  const { code, stdout } = await started.ended;
  expect(stdout).toMatch(/^Run \S+ is complete/m);
  expect(code).toBe(0);
});

describe('a damaged file in the folder', () => {
  const damage = async (file: string, text: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  };

  it.each([
    ['pipeline/state/pipeline.json', 'garbage', 'Delete it: the next run then reads everything anew.'],
    ['form/state/pipeline.json', '{"underWay":{}}', '(look at watermarks). Delete it'],
    ['source/source.json', '[]', 'Choose another folder with --out, or delete source.'],
    ['simulator/simulator.json', '{"leads":20', 'Delete simulator, or choose another folder with --out.'],
  ])('is named in one line: %s', long, async (file, text, whatToDo) => {
    await damage(file, text);
    const [out = ''] = file.split('/');
    const { code, stderr } = await start(out);
    expect(code).toBe(1);
    expect(stderr).toContain(`${file} is not what a run has written there`);
    expect(stderr).toContain(whatToDo);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('garbage');
  });

  it('is reported in the words of the function that found it', long, async () => {
    await startAndKill('plan');
    const [runId = ''] = await readdir(join(folder, 'plan', 'runs'));
    await damage(`plan/${planKey(runId)}`, 'garbage');
    const { code, stderr } = await start('plan');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^The function plan failed with .*plan\.json.* Its log: \S+plan\.log\n$/),
    });
  });

  it('can be deleted as the line says, and the next run reads everything again', long, async () => {
    await rm(join(folder, 'pipeline', 'state', 'pipeline.json'));
    expect(await start('pipeline')).toMatchObject({ code: 0, stderr: '' });
  });
});
