/** Dead letters of a list that the API never gives, from the run that leaves them to the replay after it is switched off. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ForeignApi, startForeignApi } from '../../doctor/foreign-api.ts';
import { configuredColumns } from '../../../local/run/folder-source.ts';
import { operate } from '../../../ops/main.ts';
import { inProcess } from '../../support/in-process.ts';
import { runHere, runStart } from '../../support/start-process.ts';

let folder: string;
let api: ForeignApi;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dead-letters-'));
  api = await startForeignApi({ failing: /^\/jobs/ });
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

it('are told at the end of the run, kept while the key is refused, told once more if they fail again, and dropped by a replay once their table is switched off', {
  timeout: 400_000,
}, async () => {
  const source = ['--api-url', api.url, '--api-key', api.key, '--requests-per-minute', '100000'];
  const { code, stdout } = await runStart([...source, '--out', 'lake', '--streams', 'jobs,referrals'], { cwd: folder });
  expect(code).toBe(1);
  expect(stdout).toContain(
    '1 dead letter is left of work that failed again and again. Once the cause is fixed: npx prospect-lake ops replay-dead-letters --local --out lake\n',
  );
  const operateWith = (key: string, command: string) =>
    runHere({ cwd: folder, environment: { PROSPECTB2B_API_URL: api.url, PROSPECTB2B_API_KEY: key } }, () =>
      operate([command, '--yes', '--out', 'lake'], { startInstance: inProcess }),
    );
  const replayWith = (key: string) => operateWith(key, 'replay-dead-letters');
  const refused = await replayWith('bad');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('key') });
  expect(refused.stdout).toContain('Sends 1 dead letter');
  // The API still fails. The command waits for the end of the work, so it knows that.
  const again = await replayWith(api.key);
  expect(again.code).toBe(1);
  expect(again.stdout).toContain(
    '1 dead letter sent again, 1 failed again, 0 left. npx prospect-lake ops status --local --out lake tells how the runs end.\n1 dead letter:\n  extract: task jobs.0',
  );
  await writeFile(
    join(folder, 'prospect-lake.config.ts'),
    "export const workspaces = [{ name: 'main', streams: ['referrals'] }];\n",
  );
  const asked = api.asked.length;
  const replayed = await replayWith(api.key);
  expect(replayed.stdout).toContain('deleted: The configuration leaves jobs out of streams.');
  expect(replayed.stdout).toContain('0 dead letters sent again, 1 deleted, 0 left.');
  expect(api.asked.slice(asked).filter((path) => path.startsWith('/jobs'))).toEqual([]);

  // A run that ops starts tells the same as start, and stores the columns that the configuration has since.
  await rm(join(folder, 'prospect-lake.config.ts'));
  const customColumns = { referrals: { score: { type: 'integer' } } } as const;
  await writeFile(
    join(folder, 'prospect-lake.config.mjs'),
    `export const workspaces = [{ name: 'main', customColumns: ${JSON.stringify(customColumns)} }];\n`,
  );
  const run = await operateWith(api.key, 'run');
  expect(run.stdout).toContain('of workspace main now, with at most 100,000 requests a minute.');
  expect(run.stdout).toMatch(/^1 dead letter is left of work .*replay-dead-letters --local --out lake$/m);
  expect(await configuredColumns(join(folder, 'lake'))).toEqual(customColumns);
});
