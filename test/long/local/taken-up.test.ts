/** What `npm start` says about the run that an earlier `npm start` left in the folder. */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { planKey } from '../../../lambdas/contract/object-keys.ts';
import { runStart, startProcess } from '../../support/start-process.ts';

const long = { timeout: 120_000 };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taken-up-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const flags = (out: string) => ['--out', out, '--leads', '20', '--streams', 'leads'];
const start = (out: string) => runStart(flags(out), { cwd: folder });
/** Runs `npm start` and kills it in the middle of the load, once the run is planned. */
async function startAndKill(out: string): Promise<void> {
  const started = startProcess(flags(out), { cwd: folder });
  const isPlanned = async () => {
    const runs = await readdir(join(folder, out, 'runs')).catch(() => []);
    return runs.some((runId) => existsSync(join(folder, out, planKey(runId))));
  };
  await expect.poll(isPlanned, { timeout: 90_000, interval: 5 }).toBe(true);
  started.killAll();
  expect((await started.ended).code).toBeNull();
}
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
