import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { extractReceiptKey, planKey, roundKey, waitingKey } from '../../../lambdas/contract/object-keys.ts';
import type { Plan, Task } from '../../../lambdas/contract/run.ts';
import { processDied } from '../../../lambdas/core/runs/last-attempt.ts';
import { RunProgress } from '../../../local/run/run-progress.ts';
import { receiptOf } from '../../support/extract-receipt.ts';

const runId = 'nightly-20261124T020000000Z';
const at = '2026-11-24T02:00:00.000Z';
const ids = (count: number) => Array.from({ length: count }, (_, index) => `lead-${index}`);
const list: Task = { taskId: 'leads.0', stream: 'leads', selection: { kind: 'list' } };
const children = (number: number, parents: string[]): Task => ({
  taskId: `lead_messages.1.${number}`,
  stream: 'lead_messages',
  selection: { kind: 'children', parents },
});

let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'run-progress-'));
});
afterEach(() => rm(out, { recursive: true }));

async function put(key: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  await mkdir(dirname(join(out, key)), { recursive: true });
  await writeFile(join(out, key), key.endsWith('.gz') ? gzipSync(text) : text);
}

async function begin(tasks: Task[]): Promise<void> {
  const plan: Plan = {
    runId,
    kind: 'nightly',
    startedAt: at,
    deadline: at,
    fullRefresh: false,
    streams: ['leads', 'lead_messages'],
    tasks,
  };
  await put(planKey(runId), plan);
}

async function end({ taskId, stream }: Task, requests: number, read: number, rows: number): Promise<void> {
  const receipt = receiptOf(stream, at, {
    taskId,
    chunks: [rows],
    rows,
    read,
    requests,
    converted: {
      taskId,
      stream,
      sequence: 0,
      status: 'done',
      rowsIn: rows,
      rowsOut: rows,
      rowsRejected: 0,
      files: [],
      error: null,
      finishedAt: at,
    },
  });
  await put(extractReceiptKey(runId, taskId), receipt);
}

const progress = (unread: string[] = []) => new RunProgress(out, runId, (stream) => unread.includes(stream));

describe('the expected number of requests', () => {
  it('is unknown while a list of parents is being read', async () => {
    const seen = progress();
    expect(await seen.update()).toMatchObject({ expected: undefined, reading: [] });
    await begin([list]);
    expect(await seen.update()).toMatchObject({ expected: undefined, reading: ['leads'], requests: 0 });
  });

  it('counts the children of each row of a first load, before they are planned', async () => {
    await begin([list]);
    await end(list, 3, 1, 300);
    const seen = progress(['lead_messages']);
    expect(await seen.update()).toMatchObject({ expected: 303, requests: 3, tasks: 1, reading: [] });
    const [first, second] = [children(0, ids(200)), children(1, ids(100))];
    await put(roundKey(runId, 1), { round: 1, tasks: [first, second] });
    expect(await seen.update()).toMatchObject({ expected: 303, reading: ['lead_messages'] });
    // The lists had several pages, so the remaining parents probably have such lists too.
    await end(first, 400, 200, 5_000);
    const counts = await seen.update();
    expect(counts).toMatchObject({ expected: 3 + 400 + 200, requests: 403, tasks: 2 });
    expect([...counts.rows]).toEqual([
      ['leads', 300],
      ['lead_messages', 5_000],
    ]);
  });

  it('counts no children of streams that the run does not read', async () => {
    await begin([list]);
    await end(list, 3, 1, 300);
    const seen = progress(['lead_messages', 'lead_activities']);
    expect(await seen.update()).toMatchObject({ expected: 303 });
  });

  it('of a later night counts only the planned children', async () => {
    await begin([list]);
    await end(list, 3, 1, 300);
    const seen = progress();
    // It is not known yet which leads' children are read.
    expect(await seen.update()).toMatchObject({ expected: undefined });
    await put(roundKey(runId, 1), { round: 1, tasks: [children(0, ids(10))] });
    expect(await seen.update()).toMatchObject({ expected: 13 });
  });
});

describe('a task whose attempt failed', () => {
  it('is being read until an attempt ends it', async () => {
    await begin([list]);
    const seen = progress();
    const kept = { status: 'failed', requests: 2, error: processDied, finishedAt: '9999-12-31T23:59:59.999Z' } as const;
    await put(extractReceiptKey(runId, list.taskId), receiptOf('leads', at, kept));
    expect(await seen.update()).toMatchObject({ reading: ['leads'], tasks: 0, requests: 0 });
    await end(list, 3, 1, 300);
    expect(await seen.update()).toMatchObject({ reading: [], tasks: 1, requests: 3 });
  });
});

describe('a wait that the API asked for', () => {
  const waitUntil = (until: string) => put(waitingKey(runId), { until, stream: 'leads', reason: 'leads: slow down.' });

  it('is known until it is over', async () => {
    const until = new Date(Date.now() + 90_000).toISOString();
    await waitUntil(until);
    expect((await progress().update()).waiting).toMatchObject({ until, reason: 'leads: slow down.' });
    await waitUntil(new Date(Date.now() - 1_000).toISOString());
    expect((await progress().update()).waiting).toBeUndefined();
  });
});
