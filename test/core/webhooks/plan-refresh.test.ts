import { describe, expect, it } from 'vitest';
import { plan as planSchema } from '../../../lambdas/contract/run.ts';
import { webhookEvents, eventTargets, type WebhookMessage } from '../../../lambdas/contract/webhook.ts';
import { resourceIdIn } from '../../../lambdas/core/webhooks/event-resource.ts';
import { planRefresh, refreshEvent, refreshRunId } from '../../../lambdas/core/webhooks/plan-refresh.ts';
import { emptyState } from '../../../lambdas/core/runs/pipeline-state.ts';
import { streamNamed, streams } from '../../../lambdas/streams/registry.ts';

const now = new Date('2026-11-24T12:00:00.000Z');

function message(deliveryId: string, event: WebhookMessage['event'], body: object): WebhookMessage {
  return { deliveryId, event, signedAt: now.toISOString(), receivedAt: now.toISOString(), body: JSON.stringify(body) };
}

function planOf(messages: WebhookMessage[], watermarks = {}) {
  return planRefresh({
    events: messages.map(refreshEvent),
    streams,
    state: { ...emptyState, watermarks },
    now,
    deadlineHours: 6,
    settings: { startDate: undefined, lookbackHours: 24, rereadDays: 7 },
  });
}

describe('the resource of an event', () => {
  it.each([
    [{ data: { id: 'lead_1', object: 'lead' } }],
    [{ id: 'evt_1', data: { id: 'lead_1' } }],
    [{ id: 'evt_1', data: { object: { id: 'lead_1' } } }],
    [{ id: 'evt_1', data: { lead: { id: 'lead_1' } } }],
    [{ lead: { id: 'lead_1' } }],
    [{ lead_id: 'lead_1' }],
    [{ data: { lead_id: 'lead_1', id: 'evt_1' } }],
    [{ resource_id: 'lead_1' }],
    [{ resource: { id: 'lead_1' } }],
    [{ id: 'lead_1', object: 'lead' }],
  ])('is found in %j', (body) => {
    expect(resourceIdIn(body, 'lead')).toBe('lead_1');
  });

  it.each([
    [{}],
    [{ id: 'evt_1' }],
    [{ data: [] }],
    [{ data: { id: 7.5 } }],
    [{ data: { id: true } }],
    [{ data: { id: 'x'.repeat(257) } }],
  ])('is not guessed from %j', (body) => {
    expect(resourceIdIn(body, 'lead')).toBeUndefined();
  });

  it('that is a number becomes its text', () => {
    expect(resourceIdIn({ data: { id: 1000 } }, 'lead')).toBe('1000');
  });

  it('belongs to a stream that can be read by id, for every event', () => {
    for (const event of webhookEvents) expect(streamNamed(eventTargets[event].stream).byId).toBeDefined();
  });
});

describe('the run of a batch of events', () => {
  it('reads each resource once, however many events name it', () => {
    const messages = Array.from({ length: 1_000 }, (_, index) =>
      message(`del_${index}`, 'lead.updated', { data: { id: `lead_${index % 50}` } }),
    );
    const plan = planOf(messages);
    expect(plan.tasks).toHaveLength(1);
    expect(plan.tasks[0]?.selection).toMatchObject({ kind: 'ids', ids: expect.arrayContaining(['lead_0', 'lead_49']) });
    expect(plan.tasks[0]?.selection).toHaveProperty('ids.length', 50);
  });

  it('has a plan that can be parsed, however many resources there are', () => {
    const messages = Array.from({ length: 1_000 }, (_, index) =>
      message(`del_${index}`, 'lead.updated', { data: { id: `lead_${index}` } }),
    );
    expect(planSchema.safeParse(planOf(messages)).error).toBeUndefined();
  });

  it('reads changes since the watermark if an event names no resource', () => {
    const plan = planOf([message('del_1', 'lead.created', { id: 'evt_1' })], {
      leads: { at: '2026-11-24T02:00:00.000Z', runId: 'nightly-20261124T020000000Z' },
    });
    expect(plan.tasks.map(({ selection }) => selection)).toEqual([
      { kind: 'list', window: { after: '2026-11-23T02:00:00.000Z' } },
    ]);
  });

  it('covers the family of each resource, but no other stream', () => {
    const plan = planOf([message('del_1', 'campaign.published', { data: { id: 'c_1' } })]);
    expect(plan.streams.toSorted()).toEqual(['campaign_logs', 'campaign_run_events', 'campaign_runs', 'campaigns']);
  });

  it('is the same run when the batch comes again in another order', () => {
    const messages = [message('del_1', 'lead.updated', {}), message('del_2', 'lead.updated', {})];
    expect(refreshRunId(messages.toReversed())).toBe(refreshRunId(messages));
    expect(refreshRunId(messages.slice(1))).not.toBe(refreshRunId(messages));
  });
});
