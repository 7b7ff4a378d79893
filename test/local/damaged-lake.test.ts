/** A file of the lake that an earlier run wrote and that was damaged afterwards. */

import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runQuery, runStart } from '../support/start-process.ts';

const long = { timeout: 120_000 };
const repair = 'npx prospect-lake ops audit --repair --local --out lake-of-two';
let folder: string;
let damaged: string;
const start = () => runStart(['--out', 'lake-of-two', '--leads', '10', '--streams', 'campaigns'], { cwd: folder });
const query = (sql: string) => runQuery([sql, '--out', 'lake-of-two'], { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'damaged-lake-'));
  await start();
  const table = join(folder, 'lake-of-two', 'lake', 'campaigns');
  const names = await readdir(table, { recursive: true });
  damaged = join(table, names.find((name) => name.endsWith('.parquet')) ?? 'none');
}, 120_000);
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe.each([
  ['cut short', () => truncate(damaged, 1_000)],
  ['written over', () => writeFile(damaged, 'no Parquet at all')],
])('a file that was %s', (_, damage) => {
  const line = new RegExp(`DuckDB says: .*/lake/campaigns/dt=\\S+\\.parquet.*: ${repair}\\n`);

  it('does not fail a later run', long, async () => {
    await damage();
    const { code, stdout, stderr } = await start();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/is complete: \d+ rows/);
  });

  it('is named by a query of the tables, with the command that repairs it', async () => {
    const { code, stderr } = await query('SELECT count(*) FROM campaigns');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(new RegExp(`^${line.source}$`)) });
  });
});

it('a file outside the lake is not called damaged', async () => {
  await rm(damaged);
  const { code, stderr } = await query("SELECT * FROM 'mine.parquet'");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^query reads only the tables\./);
  expect(stderr).not.toContain('audit');
});
