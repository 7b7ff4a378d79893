/** A small refresh stores its rounds and receipts as one object. Replay, forget and duplicates must still find them. */

import { beforeEach, describe, expect, it } from 'vitest';
import { forgottenKey, parquetFile, reportKey, runPrefix } from '../../../lambdas/contract/object-keys.ts';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import type { WebhookMessage } from '../../../lambdas/contract/webhook.ts';
import { QuietHour } from '../../../lambdas/core/publish/quiet-hour.ts';
import { findRejected, replayRejected } from '../../../lambdas/core/replay/replay-rejected.ts';
import { correctReceipt } from '../../../lambdas/core/rewrite/history-file.ts';
import { readConversion } from '../../../lambdas/core/runs/convert-receipts.ts';
import { failTask } from '../../../lambdas/core/runs/extract-receipts.ts';
import { Damage } from '../../../ops/lake/damage.ts';
import { readRunRecord } from '../../../ops/lake/run-record.ts';
import { lead, pipelineOf } from '../../support/fake-pipeline.ts';
import { pageSettings } from '../../support/page-nights.ts';
import type { MemoryPipeline } from '../../support/memory-pipeline.ts';
import type { FixedClock } from '../../support/fixed-clock.ts';

const message = (id: unknown) => ({ id, lead_id: 'l1', direction: 'inbound', channel: 'email', body: 'Thank you.' });

let pipeline: MemoryPipeline;
let clock: FixedClock;
let title: string;
let messages: unknown[];
let event: WebhookMessage;

/** Refreshes the lead, which has a new title each time. */
async function refresh(): Promise<RunReport> {
  clock.advance(60_000);
  title = `Seen at ${clock.now().toISOString()}`;
  const at = clock.now().toISOString();
  const body = JSON.stringify({ data: { id: 'l1' } });
  event = { deliveryId: at, event: 'lead.updated', signedAt: at, receivedAt: at, body };
  const report = await pipeline.refresh([event]);
  if (!report) throw new Error('The refresh has no report.');
  return report;
}

beforeEach(async () => {
  title = 'Head of Sales';
  messages = [message('m1'), message('m2'), message({})];
  const found = () => lead('l1', clock.now().toISOString(), { title });
  const routes = {
    '/leads': () => ({ data: [found()] }),
    '/leads/{lead_id}': () => ({ data: found() }),
    '/leads/{lead_id}/messages': () => ({ data: messages }),
    '/leads/{lead_id}/activities': () => ({ data: [{ id: 'a1', lead_id: 'l1', type: 'note' }] }),
  };
  ({ pipeline, clock } = pipelineOf(['lead_messages', 'lead_activities'], routes, {
    refreshesHere: true,
    remembersImmutable: true,
    quietHour: new QuietHour(),
    settings: { page: pageSettings },
  }));
  await pipeline.run();
  await pipeline.settle();
});

describe('a small refresh', () => {
  it('leaves its plan, its only round and its report', async () => {
    const { runId, tables } = await refresh();
    expect(tables).toMatchObject({ leads: { rowsChanged: 1 }, lead_messages: { rowsExtracted: 3, rowsRejected: 1 } });
    const own = pipeline.store.keys(runPrefix(runId)).map((key) => key.slice(runPrefix(runId).length));
    expect(own.toSorted()).toEqual(['plan.json', 'report.json', 'rounds/000001.json.gz']);
    expect(pipeline.queues.length).toBe(0);
  });

  it('makes at most 20 requests to S3 in a process that has done one before', async () => {
    messages = [message('m1'), message('m2')];
    await refresh();
    const { store } = pipeline;
    const requests: string[] = [];
    for (const name of ['get', 'head', 'put', 'delete', 'list'] as const) {
      const work = store[name].bind(store) as (key: string, ...more: unknown[]) => unknown;
      const counted = (key: string, ...more: unknown[]) => {
        requests.push(key);
        return work(key, ...more);
      };
      Object.assign(store, { [name]: counted });
    }
    expect(await refresh()).toMatchObject({ status: 'complete', tables: { leads: { rowsChanged: 1 } } });
    // The function asks once for what is forgotten, although several of its steps need it.
    const asked = [...requests.filter((key) => key !== forgottenKey), forgottenKey];
    expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(20);
  });

  it('stays as it is if its events come again', async () => {
    const { runId } = await refresh();
    const { store } = pipeline;
    const report = store.json(reportKey(runId));
    const rows = await pipeline.rows('leads');
    await pipeline.refresh([event]);
    await pipeline.settle();
    expect(store.json(reportKey(runId))).toEqual(report);
    expect(await pipeline.rows('leads')).toEqual(rows);
    const record = await readRunRecord(runId, store, new Damage());
    expect([record.isWhole, record.tasks.length, record.extracted.length]).toEqual([true, 3, 3]);
  });

  it('has a whole record', async () => {
    const { runId } = await refresh();
    const record = await readRunRecord(runId, pipeline.store, new Damage());
    expect(record).toMatchObject({ isWhole: true, isDamaged: false });
    expect(record.tasks.map(({ stream }) => stream)).toEqual(['leads', 'lead_activities', 'lead_messages']);
    expect(record.extracted.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
  });

  it('can have its rejected rows replayed, and ends with the same counts', async () => {
    const { runId, tables } = await refresh();
    const { store, queues } = pipeline;
    const { runs, expired } = await findRejected({ runId }, store);
    expect([runs.flatMap(({ chunks }) => chunks.map(({ rowsRejected }) => rowsRejected)), expired]).toEqual([[1], []]);
    const ports = { store, clock, convertQueue: queues.queue('convert'), publishQueue: queues.queue('publish') };
    await replayRejected(runs, ports);
    await pipeline.settle();
    const after = pipeline.reports.at(-1);
    expect(after).toMatchObject({ runId, status: 'complete', tables });
    expect(after?.replayedAt).toBeDefined();
  });

  it('has the receipt of a file corrected from which rows were removed', async () => {
    const { runId } = await refresh();
    const { store } = pipeline;
    const key = store.keys('lake/lead_messages/').find((one) => one.includes(runId)) ?? '';
    const chunk = parquetFile(key);
    if (!chunk) throw new Error('There is no file of messages.');
    await store.delete(key);
    await correctReceipt(key, '2026-12-01T00:00:00.000Z', store);
    expect((await readConversion(store, chunk))?.value).toMatchObject({ rowsOut: 0, forgotten: { rows: 2, files: 1 } });
    const record = await readRunRecord(runId, store, new Damage());
    expect(record.converted.map(({ rowsOut }) => rowsOut).toSorted()).toEqual([0, 1, 1]);
  });

  it('keeps its receipts if a late delivery of a task fails', async () => {
    const { runId } = await refresh();
    const { tasks } = await readRunRecord(runId, pipeline.store, new Damage());
    const [task] = tasks;
    if (!task) throw new Error('The run has no task.');
    const written = pipeline.store.writes.length;
    await failTask(
      { runId, task },
      { code: 'unavailable', message: 'No answer.', requestId: null },
      { store: pipeline.store, clock },
    );
    expect(pipeline.store.writes.slice(written)).toEqual([]);
  });
});
