/** Read-only `ops` commands on a folder with damaged files: each command names what it cannot read, and continues. */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { extractReceiptsPrefix, pipelineStateKey, planKey, reportKey } from '../../lambdas/contract/object-keys.ts';
import { plan } from '../../lambdas/contract/run.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { audit } from '../../ops/commands/audit.ts';
import { status } from '../../ops/commands/status.ts';
import { supportBundle } from '../../ops/commands/support-bundle.ts';
import { trace } from '../../ops/commands/trace.ts';
import { openTarget, type Target } from '../../ops/target.ts';
import { EventWorld } from '../support/event-world.ts';
import { stubSdk } from '../support/stub-sdk.ts';
import { wholeAudit } from '../support/audit-world.ts';

vi.setConfig({ testTimeout: 60_000 });
const day = 86_400_000;

let simulator: Simulator;
let world: EventWorld;
let target: Target;
let report: RunReport;
let folder = '';
/** Content of damaged files before the damage, by path. */
const former = new Map<string, Buffer>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'damaged-'));
  simulator = await startSimulator({ leads: 3 });
  world = await EventWorld.start(simulator, { streams: ['leads', 'campaigns'], timeScale: 50, releaseSeconds: 1 });
  stubSdk(world.cloud.endpoint);
  target = await openTarget('main', {
    settle: () => world.cloud.idle(),
    api: { baseUrl: simulator.baseUrl, requestsPerMinute: 1_000_000 },
    configured: {
      requestsPerMinute: 1_000_000,
      expectedHours: 27,
      personalData: { drop: [], hash: [] },
      retention: { rawDays: 30, runDays: 30 },
    },
    publishCheckSeconds: 1,
  });
  report = await world.load();
}, 180_000);

afterEach(() => {
  for (const [path, body] of former) writeFileSync(path, body);
  former.clear();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await world.end();
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

function damage(key: string, change: (body: Buffer) => Buffer | string = () => 'garbage'): string {
  const path = join(world.out, key);
  const body = readFileSync(path);
  former.set(path, Buffer.from(body));
  writeFileSync(path, change(body));
  return key;
}

/** Changes one byte and keeps the size, as a faulty disk does. */
function flipped(body: Buffer): Buffer {
  const at = Math.floor(body.length / 2);
  body[at] = (body[at] ?? 0) ^ 255;
  return body;
}

const fileOf = (table: string) => `lake/${table}/${world.files(table)[0]}`;
const leadIds = () => [...simulator.expectedRows('leads')].map(({ id }) => String(id));
const nobody = { table: undefined, id: undefined, request: undefined, chunk: undefined, run: undefined };
const restore = 'is damaged: its checksum does not match. Restore its previous version';

function firstIn(prefix: string): string {
  const names = readdirSync(join(world.out, prefix), { recursive: true, encoding: 'utf8' });
  return `${prefix}${names.find((name) => /\.(json|gz)$/.test(name)) ?? ''}`;
}

describe('audit of a file whose bytes have changed on disk', () => {
  it('names the file, and restores it', async () => {
    const key = damage(fileOf('leads'), flipped);
    const prepared = await audit.prepare(target, { ...wholeAudit, repair: true });
    expect(prepared.lines.join('\n')).toContain(`${key} is of other content`);
    const outcome = 'act' in prepared ? await prepared.act() : prepared;
    expect(outcome).toMatchObject({ ok: true, data: { verdict: 'clean' } });
  });
});

it('audit and trace notice a file that somebody added to the folder, because queries read it', async () => {
  const local = { isSimulated: true, isRunning: false, out: world.out };
  const api = { baseUrl: simulator.baseUrl, requestsPerMinute: 1_000_000 };
  const seeing = await openTarget('main', { local, api, settle: () => world.cloud.idle() });
  const key = fileOf('leads').replace(/[^/]+$/, 'zzz.parquet');
  writeFileSync(join(world.out, key), 'junk');
  const found = await audit.prepare(seeing, wholeAudit);
  const { lines } = await trace.read(seeing, { ...nobody, table: 'leads', id: leadIds()[0] });
  rmSync(join(world.out, key));
  expect(found).toMatchObject({ ok: false, data: { files: { foreign: [key], lost: [] } } });
  expect(lines.at(-1)).toContain(`${key} is no Parquet file of this table that can be read`);
  expect(await audit.prepare(seeing, wholeAudit)).toMatchObject({ ok: true });
});

describe('trace', () => {
  it('names a file that it cannot read, and shows the others', async () => {
    const key = damage(fileOf('leads'), flipped);
    const all = await Promise.all(leadIds().map((id) => trace.read(target, { ...nobody, table: 'leads', id })));
    for (const { lines, ok } of all) expect([lines.at(-1), ok]).toEqual([expect.stringContaining(key), false]);
    expect(all.map(({ lines }) => lines[0]).join('\n')).toContain('changed');
  });

  it('shows a row whose raw chunk is damaged, and names the chunk', async () => {
    const [id = ''] = leadIds();
    const wanted = { ...nobody, table: 'leads', id };
    const { data } = await trace.read(target, wanted);
    const chunk = String(Array.isArray(data) && data[0]?.chunk);
    damage(chunk);
    const { lines } = await trace.read(target, wanted);
    expect(lines.join('\n')).toContain('chunk    none, expired or damaged');
    expect(lines.at(-1)).toContain(`${chunk} ${restore}`);
    await expect(trace.read(target, { ...nobody, chunk })).rejects.toThrow(`${chunk} ${restore}`);
  });

  it('shows the chunks of a run even if its report and a receipt are garbage', async () => {
    const keys = [damage(reportKey(report.runId)), damage(firstIn(extractReceiptsPrefix(report.runId)))];
    const { lines, data } = await trace.read(target, { ...nobody, run: report.runId });
    expect(lines[0]).toBe(`Run ${report.runId}: without a report`);
    for (const key of keys) expect(lines.join('\n')).toContain(`${key} ${restore}`);
    expect(data).toMatchObject({ unreadable: expect.arrayContaining(keys) });
  });
});

describe('status', () => {
  it('names a damaged state and report, and continues', async () => {
    const keys = [damage(pipelineStateKey), damage(reportKey(report.runId))];
    const { lines, ok, data } = await status.read(target, {});
    for (const key of keys) expect(lines.join('\n')).toContain(`${key} ${restore}`);
    expect(lines.at(-1)).toBe('No table has been read whole yet.');
    expect([ok, data]).toEqual([false, expect.objectContaining({ unreadable: keys.toSorted() })]);
  });

  it('shows a run of days ago that did not end, which is overdue', async () => {
    expect(await status.read(target, {})).toMatchObject({ ok: true, data: { underWay: [] } });
    const old = plan.parse(world.json(planKey(report.runId)));
    const startedAt = new Date(Date.now() - 5 * day);
    const runId = runIdOf('nightly', startedAt);
    await target.store.put(
      planKey(runId),
      JSON.stringify({ ...old, runId, startedAt, deadline: new Date(startedAt.getTime() + 3 * day) }),
    );
    expect(await status.read(target, {})).toMatchObject({ ok: false, data: { underWay: [{ runId }] } });
    await target.store.delete(planKey(runId));
  });
});

describe('status of a workspace whose nights have stopped', () => {
  const later = (days: number) =>
    status.read({ ...target, clock: { now: () => new Date(Date.parse(report.finishedAt) + days * day) } }, {});

  it('says so with the last night, and is not ok', async () => {
    expect(await later(1)).toMatchObject({ ok: true, data: { missingNight: null } });
    const { lines, ok, data } = await later(8);
    expect(lines[1]).toBe(
      `  RunMissing: the tables are stale. No nightly run has ended since ${report.finishedAt.slice(0, 19).replace('T', ' ')} UTC (8 d ago); by the schedule, one ends within 27 hours of the last. Let the next one begin:`,
    );
    expect(lines[2]).toBe('    npx prospect-lake ops run');
    expect(lines.join('\n')).toContain('Last runs (3 days, and the last night):');
    expect(ok).toBe(false);
    expect(data).toMatchObject({
      runs: [{ runId: report.runId }],
      missingNight: { since: report.finishedAt, expectedHours: 27 },
    });
  });

  it('knows it from the watermarks if no run is listed any more', async () => {
    expect(await later(40)).toMatchObject({ ok: false, data: { runs: [], missingNight: { expectedHours: 27 } } });
  });
});

describe('status after a night', () => {
  it('is not ok if the night failed, however many runs came after it', async () => {
    const written = world.json(reportKey(report.runId));
    const put = (runId: string, fields: object) =>
      target.store.put(reportKey(runId), JSON.stringify({ ...Object(written), runId, ...fields }));
    const refreshes = Array.from({ length: 11 }, (_, at) =>
      runIdOf('refresh', new Date(Date.parse(report.startedAt) + at + 1)),
    );
    for (const runId of refreshes) await put(runId, { kind: 'refresh' });
    await put(report.runId, { status: 'partial' });
    expect(await status.read(target, {})).toMatchObject({ ok: false });
    const forgotten = { stillGiven: 1, stillGivenIn: ['leads'], released: 0, remembered: 1 };
    await put(report.runId, { forgotten });
    const { lines, ok } = await status.read(target, {});
    expect([ok, lines[1]]).toEqual([false, expect.stringContaining('The API still gives 1 row that was forgotten')]);
    await put(report.runId, {});
    expect(await status.read(target, {})).toMatchObject({ ok: true });
    for (const runId of refreshes) await target.store.delete(reportKey(runId));
  });
});

describe('a support bundle', () => {
  it('names damaged records, and contains the rest', async () => {
    const keys = [
      damage(pipelineStateKey),
      damage(planKey(report.runId)),
      damage(firstIn(extractReceiptsPrefix(report.runId))),
    ];
    const path = join(folder, 'bundle.json.gz');
    const { lines } = await supportBundle.read(target, { outFile: path });
    const bundle: { unreadable: string[]; runs: unknown[] } = JSON.parse(gunzipSync(readFileSync(path)).toString());
    expect(bundle.unreadable.toSorted()).toEqual(keys.toSorted());
    expect(bundle.runs).toMatchObject([{ runId: report.runId, report: { status: 'complete' } }]);
    expect(lines.join('\n')).toContain(`${pipelineStateKey} cannot be read, and is left out.`);
  });
});
