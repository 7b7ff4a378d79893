import { beforeEach, describe, expect, it } from 'vitest';
import { metricNames } from '../../../lambdas/contract/metrics.ts';
import { exportJobKey } from '../../../lambdas/contract/object-keys.ts';
import { type ExportMessage, exportMessage } from '../../../lambdas/contract/messages.ts';
import { takeExportStep } from '../../../lambdas/core/exports/export-steps.ts';
import { RateLimitedError } from '../../../lambdas/core/errors.ts';
import type { ExportApi } from '../../../lambdas/core/ports.ts';
import { leadExports } from '../../../lambdas/streams/lead-exports.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { ample, FixedClock } from '../../support/fixed-clock.ts';
import { MemoryLog, MemoryMetrics } from '../../support/memory-log.ts';
import { MemoryQueue } from '../../support/memory-queue.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const scheduledAt = '2026-11-24T03:00:00.000Z';
const ownRun = 'export-20261124T030000000Z';
const settings = {
  firstPollSeconds: 15,
  slowestPollSeconds: 600,
  deadlineHours: 12,
  hasSource: true,
  maxDeletedShare: 0.05,
  runDeadlineHours: 72,
  publishCheckSeconds: 60,
};

let clock: FixedClock;
let store: MemoryStore;
let exportQueue: MemoryQueue;
let file: string | undefined;
let announced: unknown[];
let metrics: MemoryMetrics;
let create: ExportApi['create'];
beforeEach(() => {
  clock = new FixedClock(scheduledAt);
  [store, exportQueue, metrics] = [new MemoryStore(), new MemoryQueue(), new MemoryMetrics()];
  [file, announced] = [undefined, []];
  create = async () => ({ id: 'e1' });
});

async function take(message: ExportMessage): Promise<void> {
  const done = { status: 'completed', rowCount: 1, fileKey: 'e1.csv', errorMessage: null, requestId: null };
  const api = {
    create: async (key: string) => create(key),
    read: async () => done,
    readiness: async () => ({ ready: true, fileKey: 'e1.csv' }),
  };
  const open = async () => (file === undefined ? undefined : { etag: 'e', body: bytesOf(file) });
  await takeExportStep(
    message,
    { settings, streams: { leads, exports: leadExports, children: [] }, deadline: ample },
    {
      store,
      api,
      warehouse: { root: 's3://lake/' },
      exportQueue,
      extractQueue: new MemoryQueue(),
      convertQueue: new MemoryQueue(),
      publishQueue: new MemoryQueue(),
      source: { open },
      announcer: { announce: async (event) => void announced.push(event) },
      clock,
      log: new MemoryLog(),
      metrics,
    },
  );
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const sent = () => exportMessage.parse(exportQueue.take()?.body);
const begin: ExportMessage = { step: 'create', scheduledAt };

describe('starting an export', () => {
  it('records a time before the request, even if the function dies in between and retries later', async () => {
    create = async () => {
      throw new Error('killed after the vendor had heard of it');
    };
    await expect(take(begin)).rejects.toThrow('killed');
    clock.advance(90 * 60_000);
    create = async () => ({ id: 'e1' });
    await take(begin);
    // `startedAt` is still the time of the first attempt. A lead created after that time is not expected in the export,
    // so it does not count as missing.
    expect(sent()).toMatchObject({ step: 'poll', startedAt: scheduledAt, ours: true });
    expect(store.json(exportJobKey(ownRun))).toEqual({ exportId: 'e1', startedAt: scheduledAt });
  });

  it('does not start it twice', async () => {
    const keys: string[] = [];
    create = async (key) => {
      keys.push(key);
      return { id: 'e1' };
    };
    await take(begin);
    await take(begin);
    expect(keys).toEqual([`prospect-lake-${ownRun}`]);
  });

  it('lets the run that loads it find it, even if its event was faster and named that run', async () => {
    await take({ step: 'follow', exportId: 'e1', receivedAt: '2026-11-24T03:00:40.000Z' });
    const { runId } = exportMessage.options[2].parse(sent());
    await take(begin);
    expect(sent()).toMatchObject({ step: 'poll', runId, ours: true, startedAt: scheduledAt });
    expect(runId).not.toBe(ownRun);
    expect(store.json(exportJobKey(runId))).toEqual({ exportId: 'e1', startedAt: scheduledAt });
  });

  it('waits as long as the API asks instead of failing', async () => {
    create = async () => {
      throw new RateLimitedError('Slow down.', { retryAfterSeconds: 90, now: clock.now() });
    };
    await take(begin);
    expect(exportQueue.take()).toEqual({ body: begin, delaySeconds: 90 });
  });
});

describe('a file that comes later than its export', () => {
  const load: ExportMessage = {
    step: 'load',
    runId: ownRun,
    exportId: 'e1',
    startedAt: scheduledAt,
    fileKey: 'e1.csv',
    rowCount: 1,
    complete: true,
    check: 0,
  };

  it('is awaited, then loaded', async () => {
    await take(load);
    const { body, delaySeconds } = exportQueue.take() ?? {};
    expect([body, delaySeconds]).toEqual([{ ...load, check: 1 }, 15]);
    expect(store.keys('runs/')).toEqual([]);
    clock.advance(3_600_000);
    file = 'id\nl1\n';
    await take(exportMessage.parse(body));
    expect(store.json(`runs/${ownRun}/extract/lead_exports.0.json`)).toMatchObject({ status: 'done', rows: 1 });
  });

  it('is given up at the deadline of the export, which then fails', async () => {
    clock.advance(12 * 3_600_000 + 1);
    await take({ ...load, check: 70 });
    expect(exportQueue.take()).toBeUndefined();
    expect([announced, [...metrics.counts]]).toEqual([
      ['exportFailed', 'needsAttention'],
      [[metricNames.exportFailed, 1]],
    ]);
  });
});
