import { expect, it } from 'vitest';
import { LargeWorkspace } from '../../support/large-workspace.ts';
import { MemoryPipeline } from '../../support/memory-pipeline.ts';

it('what was due when the deadline passed is still told by the check after one that died', async () => {
  const workspace = new LargeWorkspace({ leads: 40, pageSize: 4 });
  // The ten pages of leads end before the deadline, and the next check comes after it.
  const deadlineHours = 10.5 / 3_600;
  const { clock } = workspace;
  const pipeline = new MemoryPipeline({
    clock,
    streams: ['lead_messages'],
    api: () => workspace.api(),
    pageSize: 4,
    deadlineHours,
  });
  const { store } = pipeline;
  const put = store.put.bind(store);
  let hasDied = false;
  store.put = async (key, ...more) => {
    if (key.endsWith('/report.json') && !hasDied) {
      hasDied = true;
      throw new Error('The process died.');
    }
    return put(key, ...more);
  };
  const report = await pipeline.run();
  expect(hasDied).toBe(true);
  expect(report?.status).toBe('partial');
  expect(report?.tables['leads']?.status).toBe('complete');
  expect(report?.tables['lead_messages']?.error?.code).toBe('unfinished');
});
