import { describe, expect, it } from 'vitest';
import { failedCheckKey, planKey, replayKey } from '../../../lambdas/contract/object-keys.ts';
import type { Plan } from '../../../lambdas/contract/run.ts';
import type { QueueName } from '../../../lambdas/contract/queue-names.ts';
import { resendDeadLetters } from '../../../lambdas/core/replay/replay-dead-letters.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryDeadLetters } from '../../support/memory-dead-letters.ts';
import { MemoryQueue } from '../../support/memory-queue.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const startedAt = '2026-11-24T02:00:00.000Z';
const runId = 'export-20261124T020000000Z';
const plan: Plan = {
  runId,
  kind: 'export',
  startedAt,
  deadline: '2026-11-24T08:00:00.000Z',
  streams: ['lead_exports'],
  tasks: [{ taskId: 'lead_exports.0', stream: 'lead_exports', selection: { kind: 'children', parents: ['e1'] } }],
  fullRefresh: false,
};
const load = {
  step: 'load',
  runId,
  exportId: 'e1',
  startedAt,
  fileKey: 'e1.csv',
  rowCount: 3,
  complete: true,
  check: 0,
};

async function replayed(
  queue: QueueName,
  letter: unknown,
  options: { planned: boolean },
  store: MemoryStore = new MemoryStore(),
) {
  if (options.planned) await store.put(planKey(runId), JSON.stringify(plan));
  const deadLetters = new MemoryDeadLetters();
  deadLetters.add(letter);
  const work = new MemoryQueue();
  const publishQueue = new MemoryQueue();
  const clock = new FixedClock('2026-11-25T02:00:00.000Z');
  const views = await resendDeadLetters(queue, 10, { store, deadLetters, queue: work, publishQueue, clock });
  const bodies = ({ messages }: MemoryQueue) => messages.map(({ body }) => body);
  return {
    views,
    sent: bodies(work),
    looks: bodies(publishQueue),
    left: deadLetters.bodies,
    replay: store.json(replayKey(runId)),
  };
}

describe('a dead letter of exports', () => {
  it.each([
    { step: 'create', scheduledAt: startedAt },
    { step: 'follow', exportId: 'e1', receivedAt: startedAt },
    load,
  ])('without a planned run is sent unchanged: $step', async (letter) => {
    const { sent, looks, left, replay } = await replayed('export', letter, { planned: false });
    expect({ sent, looks, left, replay }).toEqual({ sent: [letter], looks: [], left: [], replay: undefined });
  });

  it.each([
    { step: 'poll', runId, exportId: 'e1', startedAt, check: 70, ours: true },
    { step: 'sweep', runId, exportId: 'e1', startedAt, check: 200, approved: false },
  ])('starts its wait again if it had waited too long: $step', async (letter) => {
    const { sent, left } = await replayed('export', letter, { planned: true });
    expect({ sent, left }).toEqual({ sent: [{ ...letter, check: 0 }], left: [] });
  });

  it('about a half-loaded file gives its run a full new deadline', async () => {
    const { sent, looks, replay } = await replayed('export', load, { planned: true });
    expect({ sent, looks }).toEqual({ sent: [load], looks: [{ runId, check: 0 }] });
    expect(replay).toMatchObject({ deadline: '2026-11-25T08:00:00.000Z' });
  });
});

describe('a dead letter of publish', () => {
  it('makes publish look at the run again', async () => {
    const { sent, looks, left } = await replayed('publish', { runId, check: 40 }, { planned: true });
    expect({ sent, looks, left }).toEqual({ sent: [{ runId, check: 0 }], looks: [], left: [] });
  });

  it('says why its run could not be checked', async () => {
    const store = new MemoryStore();
    const reason = {
      code: 'schema_change',
      message: 'Column tax_id of leads is declared as integer.',
      requestId: null,
    };
    await store.put(failedCheckKey(runId), JSON.stringify(reason));
    const { views } = await replayed('publish', { runId, check: 40 }, { planned: true }, store);
    expect(views).toMatchObject([{ reason }]);
  });

  it('stays in the queue if its run has expired', async () => {
    const { views, sent, left } = await replayed('publish', { runId, check: 40 }, { planned: false });
    expect(views).toMatchObject([{ cannotResendBecause: expect.stringContaining('has no plan any more') }]);
    expect({ sent, left }).toEqual({ sent: [], left: [{ runId, check: 40 }] });
  });
});

describe('a dead letter of refresh', () => {
  it('is the event again, and its content is not shown', async () => {
    const event = {
      deliveryId: 'd1',
      event: 'lead.updated',
      signedAt: startedAt,
      receivedAt: startedAt,
      body: '{"email":"ada@example.com"}',
    };
    const { views, sent, left } = await replayed('refresh', event, { planned: false });
    expect({ sent, left }).toEqual({ sent: [event], left: [] });
    expect(views).toMatchObject([{ what: 'event lead.updated, delivery d1' }]);
    expect(JSON.stringify(views)).not.toContain('ada@');
  });
});
