import { describe, expect, it } from 'vitest';
import type { WebhookMessage } from '../../../lambdas/contract/webhook.ts';
import { FakeApi, page } from '../../support/fake-api.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { rowsOf } from '../../support/lake-reader.ts';
import { MemoryPipeline } from '../../support/memory-pipeline.ts';

const clock = new FixedClock('2026-11-24T12:00:00.000Z');
const event = (deliveryId: string, name: string, body: object): WebhookMessage => ({
  deliveryId,
  event: name,
  signedAt: clock.now().toISOString(),
  receivedAt: clock.now().toISOString(),
  body: JSON.stringify(body),
});

function pipelineOf() {
  const routes = { '/me': () => ({ data: { id: 'pak_1' } }), '/leads': () => page([]) };
  const lead = { id: 'l1', object: 'lead', updated_at: '2026-11-24T11:00:00.000Z' };
  const all = { ...routes, '/leads/{lead_id}': () => ({ data: lead }) };
  return new MemoryPipeline({ clock, streams: ['leads'], api: () => new FakeApi(all, clock) });
}

const offStream = event('d1', 'campaign.updated', { data: { id: 'c1' } });
const ping = event('d2', 'ping', {});
const kept = ['delivery_id', 'event', 'resource_table', 'resource_id', '_run_id'];

describe('events of streams that are switched off, pings and unknown events', () => {
  it('are stored, and start no run that could fail', async () => {
    const pipeline = pipelineOf();
    expect(
      await pipeline.refresh([offStream, ping, event('d3', 'lead.exploded', { data: { id: 'l1' } })]),
    ).toBeUndefined();
    const rows = await rowsOf(pipeline.store, 'webhook_events');
    expect(rows.map((row) => kept.map((name) => row[name]))).toEqual([
      ['d1', 'campaign.updated', 'campaigns', 'c1', null],
      ['d2', 'ping', null, null, null],
      ['d3', 'lead.exploded', null, null, null],
    ]);
    expect([...pipeline.store.objects.keys()].filter((key) => key.startsWith('runs/'))).toEqual([]);
    expect([pipeline.announced, pipeline.deadLetters]).toEqual([[], []]);
  });

  it('do not disturb other events of their batch', async () => {
    const pipeline = pipelineOf();
    const report = await pipeline.refresh([offStream, ping, event('d4', 'lead.updated', { data: { id: 'l1' } })]);
    expect(report).toMatchObject({ status: 'complete', tables: { leads: { rowsWritten: 1 } } });
    expect(await rowsOf(pipeline.store, 'webhook_events')).toHaveLength(3);
  });
});

describe('the ledger of child readings', () => {
  it('is left as it is by a refresh, and the next night reads the children of the changed row again', async () => {
    const time = new FixedClock('2026-11-24T02:00:00.000Z');
    const lead = { id: 'l1', object: 'lead', title: 'One', updated_at: '2026-11-01T00:00:00.000Z' };
    const asked: string[] = [];
    const api = () =>
      new FakeApi(
        {
          '/me': () => ({ data: { id: 'pak_1' } }),
          '/leads': () => page([{ ...lead }]),
          '/leads/{lead_id}': () => ({ data: { ...lead } }),
          '/leads/{lead_id}/messages': ({ pathParameters }) => {
            asked.push(pathParameters['lead_id'] ?? '');
            return page([]);
          },
        },
        time,
      );
    const pipeline = new MemoryPipeline({ clock: time, streams: ['lead_messages'], api });
    await pipeline.run();
    const ledger = await pipeline.rows('child_reads');
    expect(ledger).toMatchObject([{ table_name: 'lead_messages', parent_id: 'l1' }]);

    time.advance(10 * 3_600_000);
    Object.assign(lead, { title: 'Two', updated_at: time.now().toISOString() });
    expect(await pipeline.refresh([event('d5', 'lead.updated', { data: { id: 'l1' } })])).toMatchObject({
      tables: { leads: { rowsChanged: 1 } },
    });
    expect(await pipeline.rows('child_reads')).toEqual(ledger);
    time.advance(14 * 3_600_000);
    await pipeline.run();
    expect(asked).toEqual(['l1', 'l1', 'l1']);
    expect(await pipeline.rows('child_reads')).not.toEqual(ledger);
  });
});
