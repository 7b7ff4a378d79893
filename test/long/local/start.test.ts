/** `npm start` as a person runs it: its exit status, its output, its files. */

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { streams } from '../../../lambdas/streams/registry.ts';
import { type FaultProxy, startFaultProxy } from '../../../local/faults/fault-proxy.ts';
import { errorAnswer } from '../../../local/faults/faults.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { keysInLake, keysInSimulator, rowsInLake } from '../../support/lake-rows.ts';
import { runQuery, runStart, startProcess } from '../../support/start-process.ts';

const long = { timeout: 180_000 };

/** Schema of the file that `--report` writes, without any other field. */
const count = z.int().nonnegative();
const reportShape = z.strictObject({
  runId: z.string(),
  status: z.enum(['complete', 'partial', 'failed']),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  problems: z.array(
    z.strictObject({
      problem: z.string(),
      message: z.string(),
      tables: z.array(z.string()),
      requestId: z.string().nullable(),
    }),
  ),
  notes: z.array(z.string()),
  tables: z.record(
    z.string(),
    z.strictObject({
      status: z.enum(['complete', 'partial', 'failed']),
      rowsExtracted: count,
      rowsWritten: count,
      rowsRejected: count,
      files: count,
      bytes: count,
      requests: count,
      retries: count,
      error: z.strictObject({ code: z.string(), message: z.string(), requestId: z.string().nullable() }).nullable(),
      notes: z.array(z.string()),
    }),
  ),
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'npm-start-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const readReport = async (name: string) => reportShape.parse(JSON.parse(await readFile(join(folder, name), 'utf8')));

const flags = (api: { baseUrl: string }, key: string, args: readonly string[]) => [
  '--api-url',
  api.baseUrl,
  '--api-key',
  key,
  '--requests-per-minute',
  '100000',
  ...args,
];
const start = (api: { baseUrl: string }, key: string, args: readonly string[]) =>
  runStart(flags(api, key, args), { cwd: folder });

describe('one folder, run by run', () => {
  let simulator: Simulator;
  const tables = ['leads', 'lead_activities', 'lead_messages', 'campaigns'];
  const args = ['--out', 'nightly', '--streams', tables.join(','), '--report', 'nightly/report.json'];

  beforeAll(async () => {
    simulator = await startSimulator({ leads: 40 });
  });
  afterAll(async () => simulator.stop());

  it('the first run loads everything, and says so', long, async () => {
    const { code, stdout, stderr } = await start(simulator, simulator.apiKey, args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/Run nightly-\w+ is complete: [\d,]+ rows in 4 tables/);
    expect(stdout).toContain('Leads by qualification:');
    const report = await readReport('nightly/report.json');
    expect(report.status).toBe('complete');
    expect(Object.keys(report.tables).toSorted()).toEqual(tables.toSorted());
    for (const name of tables)
      expect(report.tables[name]).toMatchObject({
        status: 'complete',
        rowsWritten: simulator.counts()[name],
        error: null,
      });
    expect(await keysInLake(join(folder, 'nightly'), tables)).toEqual(keysInSimulator(simulator, tables));
  });

  it('exactly the tables of the README exist, at their places', async () => {
    expect((await readdir(join(folder, 'nightly', 'lake'))).toSorted()).toEqual(
      [...tables, 'pipeline_runs'].toSorted(),
    );
    for (const name of tables) {
      const [day, ...more] = await readdir(join(folder, 'nightly', 'lake', name));
      expect([day, more]).toEqual([expect.stringMatching(/^dt=\d{4}-\d\d-\d\d$/), []]);
      const files = await readdir(join(folder, 'nightly', 'lake', name, day ?? ''));
      expect(files.every((file) => file.endsWith('.parquet'))).toBe(true);
    }
  });

  it('npx prospect-lake query reads them', long, async () => {
    const ask = async (...more: string[]) =>
      runQuery(['SELECT count(*) AS leads FROM leads', '--out', 'nightly', ...more], { cwd: folder });
    const table = await ask();
    expect({ code: table.code, stderr: table.stderr }).toEqual({ code: 0, stderr: '' });
    expect(table.stdout).toMatch(/leads\s+─+\s+40/);
    expect(JSON.parse((await ask('--json')).stdout)).toEqual([{ leads: 40 }]);
  });

  it('the next run rereads each list, children only of changed rows, and says what it rewrote', long, async () => {
    const [first, second] = [...simulator.expectedRows('leads')].map(({ id }) => String(id));
    simulator.updateLead(first ?? '', { company: 'Changed Ltd' });
    simulator.updateLead(second ?? '', { company: 'Changed as well' });
    const created = String(simulator.createLead({ email: 'new@example.com' })['id']);
    simulator.clearRequests();

    const { code, stdout, stderr } = await start(simulator, simulator.apiKey, [...args, '--all-tables']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(leadLists().every((query) => !query.includes('updated_after'))).toBe(true);
    for (const children of ['activities', 'messages'])
      expect(parentsAsked(children)).toEqual([first, second, created].toSorted());
    expect(stdout).toMatch(/table +status +rows +changed +unchanged/);
    expect(stdout).toMatch(/leads +complete +41 +3 +38 /);
    expect(await currentKeys()).toEqual(keysInSimulator(simulator, tables));
  });

  it('a third run reads only changes, and rewrites nothing if there are none', long, async () => {
    const before = await currentKeys();
    simulator.clearRequests();
    const { code } = await start(simulator, simulator.apiKey, args);
    expect(code).toBe(0);
    expect(leadLists().every((query) => query.includes('updated_after'))).toBe(true);
    expect(await currentKeys()).toEqual(before);
  });

  const leadLists = () => simulator.requests.filter(({ path }) => path === '/leads').map(({ query }) => query);
  const parentsAsked = (children: string) => {
    const asked = simulator.requests.flatMap(
      ({ path }) => new RegExp(`^/leads/(.+)/${children}$`).exec(path)?.[1] ?? [],
    );
    return [...new Set(asked)].toSorted();
  };
  const currentKeys = () => keysInLake(join(folder, 'nightly'), tables, '');

  it('--full-refresh reads everything again', long, async () => {
    simulator.clearRequests();
    const { code } = await start(simulator, simulator.apiKey, [...args, '--full-refresh']);
    expect(code).toBe(0);
    expect(simulator.requests.some(({ path, query }) => path === '/leads' && !query.includes('updated_after'))).toBe(
      true,
    );
    expect((await readReport('nightly/report.json')).tables['leads']?.rowsWritten).toBe(simulator.counts()['leads']);
  });
});

describe('a selection', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ leads: 40 });
  });
  afterAll(async () => simulator.stop());

  it('--streams leads,campaigns loads those two; --start-date omits older rows', long, async () => {
    const times = [...simulator.expectedRows('leads')].map(({ updated_at }) => String(updated_at)).toSorted();
    const from = times[20] ?? '';
    const flags = ['--out', 'chosen', '--streams', 'leads,campaigns', '--start-date', from, '--report', 'chosen.json'];
    const { code } = await start(simulator, simulator.apiKey, flags);
    expect(code).toBe(0);
    const { tables } = await readReport('chosen.json');
    expect(Object.keys(tables).toSorted()).toEqual(['campaigns', 'leads']);
    const newer = times.filter((time) => time > from).length;
    expect(tables['leads']?.rowsWritten).toBeGreaterThanOrEqual(newer);
    expect(tables['leads']?.rowsWritten).toBeLessThanOrEqual(newer + 1);
    expect([...new Set(simulator.requests.map(({ path }) => path))].toSorted()).toEqual([
      '/campaigns',
      '/leads',
      '/me',
    ]);
  });
});

describe('a run that breaks off', () => {
  const worlds: { simulator: Simulator; proxy: FaultProxy }[] = [];
  afterEach(async () => {
    for (const { simulator, proxy } of worlds.splice(0)) {
      await proxy.stop();
      await simulator.stop();
    }
  });
  async function world(latencyMilliseconds = 0) {
    const simulator = await startSimulator({
      leads: 15,
      epochs: [new Date('2026-11-01T00:00:00Z')],
      latencyMilliseconds,
    });
    const proxy = await startFaultProxy(simulator.baseUrl);
    worlds.push({ simulator, proxy });
    return { simulator, proxy };
  }

  it('exits 1 if the key is refused in the middle, and sends no more requests with it', long, async () => {
    const { simulator, proxy } = await world();
    proxy.plant([{ path: /./, fault: errorAnswer(401, 'unauthorized'), after: 30 }]);
    const args = ['--out', 'refused', '--report', 'refused.json'];
    const { code, stdout, stderr } = await start(proxy, simulator.apiKey, args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    // The sentence depends on whether a table was read to its end before.
    expect(stdout).toMatch(/Run nightly-\w+ failed(:| after)/);
    expect(stdout).not.toContain(simulator.apiKey);
    const report = await readReport('refused.json');
    expect(report.status).toBe('failed');
    expect(Object.values(report.tables).some(({ error }) => error?.code === 'unauthorized')).toBe(true);
    expect(Object.keys(report.tables)).toHaveLength(streams.length);
    // Two functions read at the same time. Each begins with eight requests in flight, and may add one for each answer.
    expect(proxy.requests.filter(({ fault }) => fault === 'answer').length).toBeLessThanOrEqual(2 * 8 + 30);
  });

  it('that was killed and started again ends complete, with the rows of an undisturbed run', long, async () => {
    const { simulator } = await world(15);
    const calm = await start(simulator, simulator.apiKey, ['--out', 'calm']);
    expect(calm.code).toBe(0);

    simulator.clearRequests();
    const args = ['--out', 'killed', '--report', 'killed.json'];
    const killed = startProcess(flags(simulator, simulator.apiKey, args), { cwd: folder });
    await expect.poll(() => simulator.requests.length, { timeout: 60_000, interval: 5 }).toBeGreaterThan(60);
    killed.killAll();
    expect((await killed.ended).code).toBeNull();
    expect(existsSync(join(folder, 'killed.json'))).toBe(false);

    const { code, stdout, stderr } = await start(simulator, simulator.apiKey, args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/was interrupted; it goes on/);
    expect((await readReport('killed.json')).status).toBe('complete');
    expect(await rowsInLake(join(folder, 'killed'))).toEqual(await rowsInLake(join(folder, 'calm')));
    expect(await keysInLake(join(folder, 'killed'))).toEqual(keysInSimulator(simulator));
  });
});
