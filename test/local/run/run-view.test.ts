import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { extractReceiptKey, planKey, waitingKey } from '../../../lambdas/contract/object-keys.ts';
import type { Plan } from '../../../lambdas/contract/run.ts';
import { progressLine } from '../../../local/cli/progress-line.ts';
import { pipe } from '../../../local/cli/terminal.ts';
import { ApiTraffic } from '../../../local/cloud/lambda/api-traffic.ts';
import { RunView } from '../../../local/run/run-view.ts';

const runId = 'nightly-20261124T020000000Z';
const startedAt = new Date('2026-11-24T02:00:00Z');
const later = (seconds: number) => new Date(startedAt.getTime() + seconds * 1_000);
const plan: Plan = {
  runId,
  kind: 'nightly',
  startedAt: startedAt.toISOString(),
  deadline: later(3_600).toISOString(),
  fullRefresh: false,
  streams: ['leads', 'campaigns'],
  tasks: [
    { taskId: 'leads.0', stream: 'leads', selection: { kind: 'list' } },
    { taskId: 'campaigns.0', stream: 'campaigns', selection: { kind: 'list' } },
  ],
};

let out: string;
let traffic: ApiTraffic;
let run: RunView;
const lineAt = async (seconds: number) => progressLine((await run.at(later(seconds))).view, pipe);
const answer = (answers: Record<string, number>) => traffic.add({ type: 'requests', answers });

async function put(key: string, value: unknown): Promise<void> {
  await mkdir(dirname(join(out, key)), { recursive: true });
  await writeFile(join(out, key), JSON.stringify(value));
}

beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'run-view-'));
  traffic = new ApiTraffic();
  answer({ 200: 40 });
  run = new RunView({ out, runId, traffic: () => traffic, limit: 60, startedAt });
});
afterEach(() => rm(out, { recursive: true }));

it('says that the run is being planned until its plan is there', async () => {
  expect(await lineAt(1)).toBe('1 s  planning what to read');
});

it('counts the requests and their rate while a task is still being read, without those of an earlier run', async () => {
  await put(planKey(runId), plan);
  await lineAt(0);
  answer({ 200: 30 });
  expect(await lineAt(30)).toBe('30 s  30 requests  60 of 60 a minute  0 rows in 0 tables  reading leads, campaigns');
});

it('of a run that was interrupted adds its requests to those made before, and tells the rate from the start', async () => {
  await put(planKey(runId), plan);
  const receipt = {
    taskId: 'leads.0',
    stream: 'leads',
    status: 'done',
    chunks: [],
    rows: 0,
    askedAt: null,
    read: 1,
    missing: [],
    failed: [],
    notes: [],
    resume: null,
    requests: 74,
    retries: 0,
    error: null,
    converted: null,
    finishedAt: startedAt.toISOString(),
  };
  await put(extractReceiptKey(runId, 'leads.0'), receipt);
  run = new RunView({ out, runId, traffic: () => traffic, limit: 60, startedAt });
  await lineAt(0);
  answer({ 200: 30 });
  expect(await lineAt(30)).toBe('30 s  104 requests  60 of 60 a minute  0 rows in 0 tables  reading campaigns');
});

it('names no rate before one can be told', async () => {
  await put(planKey(runId), plan);
  answer({ 200: 2 });
  expect(await lineAt(0)).toBe('0 s  2 requests  0 rows in 0 tables  reading leads, campaigns');
});

it('says that the API fails, or what the run waits for', async () => {
  await put(planKey(runId), plan);
  const failure = {
    message: 'jobs: The API answered with errors instead of data. Such a request is tried several times.',
  };
  traffic.addLine(JSON.stringify({ message: 'The message failed.', wait: 8_000, failure }), later(2));
  expect(await lineAt(3)).toContain(
    'waiting until 02:00:10 UTC (in 7 s): jobs: The API answered with errors instead of data',
  );
  const until = new Date(Date.now() + 3_600_000);
  await put(waitingKey(runId), { until: until.toISOString(), stream: 'leads', reason: 'leads: slow down.' });
  expect(await lineAt(20)).toContain(`waiting until`);
});
