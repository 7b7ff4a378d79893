import { expect, it } from 'vitest';
import { planKey } from '../../../lambdas/contract/object-keys.ts';
import type { Plan } from '../../../lambdas/contract/run.ts';
import { createPlanReader } from '../../../lambdas/core/runs/plan-reader.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const runId = 'nightly-20261124T020000000Z';
const plan: Plan = {
  runId,
  kind: 'nightly',
  startedAt: '2026-11-24T02:00:00.000Z',
  deadline: '2026-11-25T02:00:00.000Z',
  streams: [],
  tasks: [],
  fullRefresh: false,
};

function countingReader() {
  const store = new MemoryStore();
  let reads = 0;
  const get = store.get.bind(store);
  store.get = (key) => {
    reads += 1;
    return get(key);
  };
  return { store, readPlan: createPlanReader(store), reads: () => reads };
}

it('tasks that begin together read their plan once', async () => {
  const { store, readPlan, reads } = countingReader();
  await store.put(planKey(runId), JSON.stringify(plan));
  expect(await Promise.all([readPlan(runId), readPlan(runId)])).toEqual([plan, plan]);
  expect(await readPlan(runId)).toEqual(plan);
  expect(reads()).toBe(1);
});

it('a plan that was missing is asked for again', async () => {
  const { store, readPlan } = countingReader();
  await expect(readPlan(runId)).rejects.toThrow(runId);
  await store.put(planKey(runId), JSON.stringify(plan));
  expect(await readPlan(runId)).toEqual(plan);
});
