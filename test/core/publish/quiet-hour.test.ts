import { beforeEach, describe, expect, it } from 'vitest';
import type { WebhookMessage } from '../../../lambdas/contract/webhook.ts';
import { QuietHour } from '../../../lambdas/core/publish/quiet-hour.ts';
import { lead, pipelineOf } from '../../support/fake-pipeline.ts';
import { pageSettings } from '../../support/page-nights.ts';

const minute = 60_000;
const spared = ['state/pipeline.json', 'state/told.json', 'state/page.json.gz', pageSettings.pageKey];

/** Refreshes of one lead by one process. */
function world() {
  const quietHour = new QuietHour();
  const answer = { isRejected: false };
  const data = () => (answer.isRejected ? { ...lead('l1'), id: {} } : lead('l1'));
  const routes = { '/leads': () => ({ data: [lead('l1')] }), '/leads/{lead_id}': () => ({ data: data() }) };
  const { pipeline, clock } = pipelineOf(['leads'], routes, { quietHour, settings: { page: pageSettings } });
  const touched = new Set<string>();
  const { get, put } = pipeline.store;
  pipeline.store.get = (key) => get.call(pipeline.store, touched.add(key) && key);
  pipeline.store.put = (key, ...more) => put.call(pipeline.store, touched.add(key) && key, ...more);
  let events = 0;
  return {
    pipeline,
    quietHour,
    answer,
    /** @returns what the refresh asked for or wrote of what a quiet one is spared */
    async refreshAfter(minutes: number): Promise<string[]> {
      clock.advance(minutes * minute);
      touched.clear();
      events += 1;
      const at = clock.now().toISOString();
      const event: WebhookMessage = {
        deliveryId: `d${events}`,
        event: 'lead.updated',
        signedAt: at,
        receivedAt: at,
        body: JSON.stringify({ data: { id: 'l1' } }),
      };
      await pipeline.refresh([event]);
      return spared.filter((key) => touched.has(key));
    },
  };
}

let process: ReturnType<typeof world>;
beforeEach(async () => {
  process = world();
  await process.pipeline.run();
});

describe('after a refresh that ended well, a process', () => {
  it('neither looks for solved problems nor writes the page for an hour', async () => {
    expect(await process.refreshAfter(1)).toEqual(spared);
    expect(await process.refreshAfter(1)).toEqual([]);
    expect(await process.refreshAfter(30)).toEqual([]);
    expect(await process.refreshAfter(30)).toEqual(spared);
    expect(await process.refreshAfter(1)).toEqual([]);
    expect(process.pipeline.reports.every(({ status }) => status === 'complete')).toBe(true);
  });

  it('does both if others had to go on with a refresh', async () => {
    await process.refreshAfter(1);
    process.quietHour.end();
    expect(await process.refreshAfter(1)).toEqual(spared);
  });

  it('does both for a refresh with a problem, and for the one that solves it', async () => {
    await process.refreshAfter(1);
    process.answer.isRejected = true;
    expect(await process.refreshAfter(1)).toEqual(spared);
    expect(process.pipeline.problems).toHaveLength(1);
    process.answer.isRejected = false;
    expect(await process.refreshAfter(1)).toEqual(spared);
    expect(process.pipeline.store.json('state/told.json')).toEqual({});
    expect(await process.refreshAfter(1)).toEqual([]);
  });
});
