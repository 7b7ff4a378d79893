import { describe, expect, it } from 'vitest';
import { metricNames } from '../../../lambdas/contract/metrics.ts';
import { pollExport } from '../../../lambdas/core/exports/export-job.ts';
import type { ExportApi } from '../../../lambdas/core/ports.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryLog, MemoryMetrics } from '../../support/memory-log.ts';
import { MemoryQueue } from '../../support/memory-queue.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const startedAt = '2026-11-24T04:00:00.000Z';
const runId = 'export-20261124T040000000Z';
const job = { fileKey: null, rowCount: null, status: null, errorMessage: null, requestId: null };

/** Polls an unfinished export once. */
async function lookAt(read: Partial<Awaited<ReturnType<ExportApi['read']>>>, now: string) {
  const announced: string[] = [];
  const metrics = new MemoryMetrics();
  const log = new MemoryLog();
  const told: unknown[] = [];
  const exportQueue = new MemoryQueue();
  const api = { readiness: async () => ({ ready: false, fileKey: null }), read: async () => ({ ...job, ...read }) };
  await pollExport(
    { step: 'poll', runId, exportId: 'ex_1', startedAt, check: 3, ours: true },
    { firstPollSeconds: 1, slowestPollSeconds: 1, deadlineHours: 1, hasSource: true, maxDeletedShare: 1 },
    {
      store: new MemoryStore(),
      exportQueue,
      api: { ...api, create: async () => ({ id: 'ex_1' }) },
      announcer: { announce: async (event, detail) => void (announced.push(event), told.push(detail)) },
      clock: new FixedClock(now),
      log,
      metrics,
    },
  );
  return {
    announced,
    counts: [...metrics.counts],
    sent: exportQueue.messages.length,
    said: JSON.stringify([told, log.lines]),
  };
}

describe('an export', () => {
  it('that the vendor reports as failed is announced once and counted for the alarm', async () => {
    expect(await lookAt({ errorMessage: 'The disk is full.' }, startedAt)).toMatchObject({
      announced: ['exportFailed', 'needsAttention'],
      counts: [[metricNames.exportFailed, 1]],
      sent: 0,
    });
  });

  it('that failed because of a person is announced without the vendor’s words', async () => {
    const { said } = await lookAt({ errorMessage: 'No row of ada@example.com fits.' }, startedAt);
    expect(said).toContain('Export ex_1 failed at the vendor.');
    expect(said).not.toContain('ada@example.com');
  });

  it('that is not ready in time fails as well', async () => {
    const outcome = await lookAt({ status: 'running' }, '2026-11-24T05:00:00.001Z');
    expect(outcome.counts).toEqual([[metricNames.exportFailed, 1]]);
  });

  it('that is not ready yet is polled again, and counts for nothing', async () => {
    expect(await lookAt({ status: 'running' }, startedAt)).toMatchObject({ announced: [], counts: [], sent: 1 });
  });
});
