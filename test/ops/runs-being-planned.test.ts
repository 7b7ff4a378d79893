import { expect, it } from 'vitest';
import { runsBeingPlanned } from '../../ops/lake/run-facts.ts';
import { MemoryStore } from '../support/memory-store.ts';

it('a run that was killed before it had a plan is under way: it keeps its tables from the next one', async () => {
  const store = new MemoryStore();
  const runId = 'nightly-20261124T020000000Z';
  const claimed = { startedAt: '2026-11-24T02:00:00.000Z', deadline: '2026-11-25T02:00:00.000Z' };
  const underWay = { [runId]: { ...claimed, streams: ['leads'] } };
  expect(await runsBeingPlanned({ underWay }, store)).toMatchObject([{ runId, ...claimed, tasksRead: 0 }]);
  await store.put(`runs/${runId}/plan.json`, Buffer.from('{}'));
  expect(await runsBeingPlanned({ underWay }, store)).toEqual([]);
});
