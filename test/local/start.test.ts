/** One `npm start`, and a query of what it loaded. test/long/local/start.test.ts starts it again, in every way. */

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { keysInLake, keysInSimulator } from '../support/lake-rows.ts';
import { dataIn } from '../support/page-nights.ts';
import { runQuery, runStart } from '../support/start-process.ts';

const tables = ['leads', 'lead_messages', 'campaigns'];
let folder: string;
let simulator: Simulator;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'npm-start-'));
  simulator = await startSimulator({ leads: 20 });
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

it('npm start loads every row, says so, and writes its report', { timeout: 120_000 }, async () => {
  const api = ['--api-url', simulator.baseUrl, '--api-key', simulator.apiKey, '--requests-per-minute', '100000'];
  const choice = ['--out', 'lake', '--streams', tables.join(','), '--report', 'report.json'];
  const { code, stdout, stderr } = await runStart([...api, ...choice], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/Run nightly-\w+ is complete: [\d,]+ rows in 3 tables/);
  expect(stdout).not.toContain(simulator.apiKey);
  expect(await keysInLake(join(folder, 'lake'), tables)).toEqual(keysInSimulator(simulator, tables));
  expect((await readdir(join(folder, 'lake', 'lake'))).toSorted()).toEqual([...tables, 'pipeline_runs'].toSorted());
  expect(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'))).toMatchObject({ status: 'complete' });
});

it('npx prospect-lake query reads what it loaded', async () => {
  const { code, stdout } = await runQuery(['SELECT count(*) AS leads FROM leads', '--out', 'lake', '--json'], {
    cwd: folder,
  });
  expect({ code, answer: JSON.parse(stdout) }).toEqual({ code: 0, answer: [{ leads: 20 }] });
});

it('npm start reads nothing, and leaves the folder as it was, if a column no longer has the type of its current table', async () => {
  const [key = ''] = (await readdir(join(folder, 'lake', 'current', 'leads', 'metadata')))
    .filter((name) => name.endsWith('.metadata.json'))
    .toSorted()
    .toReversed();
  const file = join(folder, 'lake', 'current', 'leads', 'metadata', key);
  const metadata = await readFile(file, 'utf8');
  await writeFile(file, metadata.replaceAll(/("name":"full_name","required":false,"type":)"string"/g, '$1"long"'));
  const source = await readFile(join(folder, 'lake', 'source.json'), 'utf8');
  const asked = simulator.requests.length;
  const api = ['--api-url', simulator.baseUrl, '--api-key', simulator.apiKey];
  const { code, stderr } = await runStart([...api, '--out', 'lake', '--streams', 'leads'], { cwd: folder });
  await writeFile(file, metadata);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr:
      'Column full_name of leads is declared as string, but its current table has it as integer. Declare a new column instead, or put the type back.\n',
  });
  expect(simulator.requests.slice(asked).map(({ path }) => path)).toEqual([expect.stringContaining('/me')]);
  expect(await readFile(join(folder, 'lake', 'source.json'), 'utf8')).toBe(source);
});

it('the page of the run has the numbers of the tables', async () => {
  const page = await readFile(join(folder, 'lake', 'index.html'), 'utf8');
  const asked = async (sql: string) => {
    const { stdout } = await runQuery([sql, '--out', 'lake', '--json'], { cwd: folder });
    return JSON.parse(stdout);
  };
  const [counts] = await asked(`SELECT (SELECT count(*) FROM leads) AS leads,
    (SELECT count(*) FROM leads WHERE is_qualified) AS qualified,
    (SELECT count(*) FROM lead_messages) AS messages, (SELECT count(*) FROM campaigns) AS campaigns`);
  const stages = await asked(`WITH contact AS (
    SELECT lead_id, bool_or(lower(direction) = 'outbound') AS written, bool_or(lower(direction) = 'inbound') AS answered
    FROM lead_messages GROUP BY 1)
    SELECT count(*) FILTER (written) AS written, count(*) FILTER (written AND answered) AS answered FROM contact`);
  const weeks = await asked(`SELECT strftime(date_trunc('week', created_at), '%Y-%m-%d') AS week,
    lower(channel) AS category, count(*) AS rows FROM lead_messages
    WHERE date_trunc('week', created_at) >= date_trunc('week', current_timestamp) - INTERVAL 25 WEEK
    GROUP BY 1, 2 ORDER BY 1, 2`);
  const {
    funnel,
    messages,
    tables: shown,
  } = z
    .object({
      funnel: z.array(z.object({ leads: z.number() })),
      messages: z.array(z.unknown()),
      tables: z.record(z.string(), z.object({ rows: z.array(z.number()) })),
    })
    .parse(dataIn(page));
  const [{ written, answered }] = stages;
  expect(funnel.map(({ leads }) => leads)).toEqual([counts.leads, written, answered, counts.qualified]);
  expect(messages).toEqual(weeks);
  expect(Object.fromEntries(Object.entries(shown).map(([name, { rows }]) => [name, rows.at(-1)]))).toEqual({
    leads: counts.leads,
    lead_messages: counts.messages,
    campaigns: counts.campaigns,
  });
});
