/** Parents of a large workspace wait in parts to have their children read. */

import { expect, it } from 'vitest';
import { LargeWorkspace } from '../../support/large-workspace.ts';
import { MemoryPipeline } from '../../support/memory-pipeline.ts';

const hour = 3_600_000;
const children = ['lead_messages', 'lead_activities'];

function worldOf(scale: { leads: number; deadlineHours?: number; childRereadDays?: number }) {
  const workspace = new LargeWorkspace({ leads: scale.leads, pageSize: 10 });
  const { clock, asked } = workspace;
  const { deadlineHours = 20, childRereadDays = 10_000 } = scale;
  const pipeline = new MemoryPipeline({
    clock,
    streams: children,
    api: () => workspace.api(),
    pageSize: 10,
    deadlineHours,
    settings: { rereadDays: 10_000, childRereadDays, mostParents: 10 },
  });
  const night = async () => {
    const began = clock.now().getTime();
    const report = await pipeline.run();
    clock.advance(Math.max(0, began + 24 * hour - clock.now().getTime()));
    return report;
  };
  return { pipeline, asked, night };
}

it('all parents have their children read in one run, although few wait at a time', async () => {
  const { pipeline, asked, night } = worldOf({ leads: 45 });
  expect((await night())?.status).toBe('complete');
  for (const child of children) expect(await pipeline.rows(child)).toHaveLength(45);
  const rounds = pipeline.store.keys('runs/').filter((key) => key.includes('/rounds/'));
  expect(rounds.length).toBeGreaterThan(9);
  expect([...asked].filter(([name, count]) => !/^\/leads \d*$/.test(name) && count > 1)).toEqual([]);
});

it('a table of which no parent could wait yet when the deadline passed is told to be unfinished', async () => {
  const { pipeline } = worldOf({ leads: 45, deadlineHours: 1 });
  const plan = await pipeline.plan();
  while (!pipeline.store.keys('runs/').some((key) => key.includes('/rounds/'))) await pipeline.step();
  // The children of the first parents are never read, because the message for them is lost.
  pipeline.queues.withdraw('extract');
  const { tables } = await pipeline.finish(plan?.runId ?? '');
  expect(children.map((name) => tables[name]?.error?.code).toSorted()).toEqual(['overdue', 'unfinished']);
});

it('the children of a share of all parents are reread in one night for each table, although few wait at a time', async () => {
  const { asked, night } = worldOf({ leads: 45, childRereadDays: 5 });
  await night();
  await night();
  asked.clear();
  await night();
  for (const path of ['messages', 'activities'])
    expect([...asked.keys()].filter((name) => name.includes(path))).toHaveLength(9);
});
