/** What a person is told about tables that no run has read, and about columns whose values do not fit. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pipelineStateKey } from '../../lambdas/contract/object-keys.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import { AddressFile } from '../../local/cloud/address-file.ts';
import { type ForeignApi, startForeignApi } from '../doctor/foreign-api.ts';
import { runQuery, runStart } from '../support/start-process.ts';

let folder: string;
let api: ForeignApi;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unread-'));
  api = await startForeignApi({
    change(tables) {
      delete tables['/leads'];
      tables['/referrals'] = [];
      for (const campaign of [tables['/campaigns']].flat())
        Object.assign(campaign ?? {}, { created_at: 'last spring' });
    },
  });
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

const start = (streams: string, out = 'lake') => {
  const source = ['--api-url', api.url, '--api-key', api.key, '--requests-per-minute', '100000'];
  return runStart([...source, '--out', out, '--streams', streams], { cwd: folder });
};
const ask = (sql: string) => runQuery([sql, '--out', 'lake', '--json'], { cwd: folder });

it('npm start proposes no query after a run that read no table', { timeout: 120_000 }, async () => {
  const { code, stdout } = await start('leads');
  expect(code).toBe(1);
  expect(stdout).toContain('Page of the run: ');
  expect(stdout).not.toMatch(/^(Tables|Every version|Ask them): /m);
});

it('npm start proposes a query of a table that was read', { timeout: 120_000 }, async () => {
  const { stdout } = await start('leads,referrals');
  expect(stdout).toContain('Ask them: npx prospect-lake query "SELECT count(*) FROM referrals" --out lake\n');
});

it('npm start answers no sample question about a table that it did not read', { timeout: 120_000 }, async () => {
  const { stdout } = await start('campaigns', 'campaigns');
  expect(stdout).toContain('Ask them: ');
  expect(stdout).not.toContain('Campaigns by runs');
});

it('a query says which of its tables no run has read, and where the reason stands', async () => {
  expect(await ask('WITH few AS (SELECT * FROM leads) SELECT count(*)::INTEGER AS n FROM few, LEADS_history')).toEqual({
    code: 0,
    stdout: '[{"n":0}]\n',
    stderr:
      'No run has read leads, so it is empty here, whatever the API has. The last run is incomplete; why: npx prospect-lake ops status --local --out lake\n',
  });
  expect(await ask('SELECT count(*)::INTEGER AS n FROM referrals')).toEqual({
    code: 0,
    stdout: '[{"n":0}]\n',
    stderr: '',
  });
});

it('a query says that the run which reads its table is under way or was interrupted, and what takes it up', async () => {
  const runId = 'nightly-20261124T020000000Z';
  const times = { startedAt: '2026-11-24T02:00:00.000Z', deadline: '2026-11-27T02:00:00.000Z' };
  const out = join(folder, 'interrupted');
  for (const name of ['state', 'lake']) await mkdir(join(out, name), { recursive: true });
  await writeFile(join(out, 'source.json'), JSON.stringify({ kind: 'simulator', workspace: null }));
  const underWay = { [runId]: { ...times, streams: ['leads'] } };
  await writeFile(join(out, pipelineStateKey), JSON.stringify({ ...emptyState, underWay }));
  const told = async () =>
    (await runQuery(['SELECT count(*)::INTEGER AS n FROM leads', '--out', 'interrupted'], { cwd: folder })).stderr;
  expect(await told()).toBe(
    `The run ${runId} was interrupted before leads could be put into a table, so it is empty here. This takes it up: npx prospect-lake start --out interrupted\n`,
  );
  const { stderr } = await runQuery(['SELECT 1 FROM leads, jobs', '--out', 'interrupted'], { cwd: folder });
  expect(stderr).toMatch(/before leads could be put .*\nNo run has read jobs, so it is empty here/);
  new AddressFile(out).write(api.url);
  expect(await told()).toBe(`The run ${runId} is under way and has put no row into leads yet, so it is empty here.\n`);
});

it('a query says which of its columns are null because the values do not fit, and where they are', async () => {
  const asked = (sql: string) => runQuery([sql, '--out', 'campaigns', '--json'], { cwd: folder });
  const { stdout, stderr } = await asked('SELECT min(c."CREATED_AT") AS first FROM campaigns c');
  expect(stdout).toBe('[{"first":null}]\n');
  expect(stderr).toMatch(
    /^created_at of campaigns is null in rows whose values do not fit it: they are in _extra\. A run last met them in (\d+) of \1 rows?\.\n$/,
  );
  for (const sql of ["SELECT 'created_at' AS text FROM campaigns", 'DESCRIBE campaigns', 'SELECT id FROM campaigns'])
    expect((await asked(sql)).stderr).toBe('');
});
