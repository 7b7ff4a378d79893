import { expect, it } from 'vitest';
import { abortedKey, planKey } from '../../lambdas/contract/object-keys.ts';
import { Damage } from '../../ops/lake/damage.ts';
import { stoppedRuns } from '../../ops/lake/run-facts.ts';
import { MemoryStore } from '../support/memory-store.ts';

it('a run that failed before it had a task has none in the queue', async () => {
  const store = new MemoryStore();
  const stop = async (day: number, tasks: readonly object[]) => {
    const runId = `nightly-202611${day}T020000000Z`;
    const at = `2026-11-${day}T02:00:00.000Z`;
    const plan = { runId, kind: 'nightly', startedAt: at, deadline: at, streams: ['jobs'], tasks, fullRefresh: false };
    await store.put(planKey(runId), JSON.stringify(plan));
    await store.put(abortedKey(runId), '{}');
    return { runId, hasReport: true, rounds: 0, tasksRead: 0 };
  };
  const begun = await stop(23, [{ taskId: 'jobs.0', stream: 'jobs', selection: { kind: 'list' } }]);
  const refused = await stop(24, []);
  expect(await stoppedRuns([refused, begun], store, new Damage())).toEqual([begun.runId]);
});
