/** What a person is told about tables that no run has read, because the API did not give them. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
