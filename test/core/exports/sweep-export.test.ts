import { describe, expect, it } from 'vitest';
import { metricNames } from '../../../lambdas/contract/metrics.ts';
import { parquetKey, planKey, reportKey } from '../../../lambdas/contract/object-keys.ts';
import { tableOf } from '../../../lambdas/contract/stream.ts';
import { sweepExport } from '../../../lambdas/core/exports/sweep-export.ts';
import { NotFoundError } from '../../../lambdas/core/errors.ts';
import { writeParquet } from '../../../lambdas/core/rows/parquet/write.ts';
import { leadExports } from '../../../lambdas/streams/lead-exports.ts';
import { leadActivities, leads } from '../../../lambdas/streams/leads.ts';
import { FakeApi, page } from '../../support/fake-api.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryMetrics } from '../../support/memory-log.ts';
import { MemoryPipeline } from '../../support/memory-pipeline.ts';

const runId = 'export-20261124T040000000Z';
const startedAt = '2026-11-24T04:00:00.000Z';

/**
 * A workspace whose list of leads has the ids `known`, and whose export has `exported`. A request by id finds only
 * `alive`.
 */
async function worldOf(known: readonly string[], exported: readonly string[], alive: readonly string[]) {
  const clock = new FixedClock('2026-11-24T02:00:00.000Z');
  const asked: string[] = [];
  const rows = (ids: readonly string[]) => ids.map((id) => ({ id, updated_at: '2026-11-01T00:00:00.000Z' }));
  const pipeline = new MemoryPipeline({
    clock,
    streams: ['leads', 'lead_activities'],
    api: () =>
      new FakeApi(
        {
          '/me': () => ({ data: { id: 'me' } }),
          '/leads': () => page(rows(known)),
          '/leads/{lead_id}/activities': () => page([]),
          '/leads/{lead_id}': ({ pathParameters }) => {
            const id = pathParameters['lead_id'] ?? '';
            asked.push(id);
            if (!alive.includes(id)) throw new NotFoundError('There is no such lead.');
            return { data: rows([id])[0] };
          },
        },
        clock,
      ),
  });
  await pipeline.run();
  const blank = Object.fromEntries(Object.keys(tableOf(leadExports).columns).map((name) => [name, null]));
  const file = exported.map((id, index) => ({ ...blank, id, export_id: 'ex_1', row_number: BigInt(index) }));
  await pipeline.store.put(
    parquetKey('lead_exports', '2026-11-24', runId, 'lead_exports.0', 0),
    writeParquet(tableOf(leadExports), file),
  );
  const run = { runId, kind: 'export', startedAt };
  const plan = { ...run, deadline: startedAt, streams: ['lead_exports'], tasks: [], fullRefresh: false };
  await pipeline.store.put(planKey(runId), JSON.stringify(plan));
  const report = { ...run, status: 'complete', finishedAt: startedAt, tables: {} };
  await pipeline.store.put(reportKey(runId), JSON.stringify(report));
  clock.advance(2 * 3_600_000);
  const metrics = new MemoryMetrics();
  const sweep = async (approved = false) => {
    await sweepExport(
      { step: 'sweep', runId, exportId: 'ex_1', startedAt, check: 0, approved },
      {
        firstPollSeconds: 1,
        slowestPollSeconds: 1,
        deadlineHours: 1,
        hasSource: true,
        maxDeletedShare: 0.05,
        publishCheckSeconds: 60,
      },
      { leads, exports: leadExports, children: [leadActivities] },
      {
        store: pipeline.store,
        warehouse: pipeline.warehouse,
        exportQueue: pipeline.exportQueue,
        extractQueue: pipeline.queues.queue('extract'),
        publishQueue: pipeline.queues.queue('publish'),
        announcer: pipeline,
        clock,
        log: pipeline.log,
        metrics,
      },
    );
    await pipeline.settle();
  };
  const current = async () => (await pipeline.rows('leads')).map(({ id }) => String(id));
  return { pipeline, metrics, asked, sweep, current };
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `l${String(index).padStart(3, '0')}`);

describe('a lead that a complete export lacks', () => {
  it('is deleted if the API does not know it either in two requests', async () => {
    const { sweep, current, asked } = await worldOf(ids(50), ids(49), ids(49));
    await sweep();
    // The second time with three leads that exist: if none of them were found, the lead would stay.
    expect(asked).toEqual(['l049', 'l049', 'l000', 'l001', 'l002']);
    expect(await current()).toEqual(ids(49));
  });

  it('stays if the API returns it', async () => {
    const { sweep, current } = await worldOf(ids(50), ids(40), ids(50));
    await sweep();
    expect(await current()).toEqual(ids(50));
  });

  it('is asked for once, however often the message comes', async () => {
    const { sweep, asked } = await worldOf(ids(50), ids(49), ids(50));
    await sweep();
    await sweep();
    expect(asked).toEqual(['l049']);
  });
});

describe('an export that lacks more leads than the guard allows', () => {
  it('deletes nothing, is announced, and is counted for the alarm', async () => {
    const { sweep, current, asked, pipeline, metrics } = await worldOf(ids(100), ids(60), ids(60));
    await sweep();
    expect([asked, await current()]).toEqual([[], ids(100)]);
    expect(pipeline.announced).toContainEqual(
      expect.objectContaining({
        event: 'deletionStopped',
        detail: expect.objectContaining({ missing: 40, known: 100 }),
      }),
    );
    expect([...metrics.counts]).toEqual([[metricNames.deletionStopped, 1]]);
  });

  it('deletes the leads that the API does not know if a person approves', async () => {
    const { sweep, current } = await worldOf(ids(100), ids(60), ids(61));
    await sweep(true);
    expect(await current()).toEqual(ids(61));
  });
});
