import { describe, expect, it } from 'vitest';
import { task } from '../../../lambdas/contract/run.ts';
import { childTasks, countByStream } from '../../../lambdas/core/extract/child-tasks.ts';
import { childTaskIds } from '../../../lambdas/core/runs/run-ids.ts';
import { childrenOf, streamNamed } from '../../../lambdas/streams/registry.ts';

const children = childrenOf(streamNamed('leads'));
const ids = (count: number, length = 10) =>
  Array.from({ length: count }, (_, index) => String(index).padStart(length, 'x'));

describe('the child tasks of a chunk', () => {
  it('hold each parent once a child stream, in tasks of at most 1,000', () => {
    const parents = ids(2_500);
    const tasks = childTasks('leads.0', 3, parents, children);
    expect(tasks).toHaveLength(6);
    for (const child of children) {
      const own = tasks.filter(({ stream }) => stream === child.name);
      expect(own.flatMap(({ selection }) => (selection.kind === 'children' ? selection.parents : []))).toEqual(parents);
    }
    for (const one of tasks) expect(task.safeParse(one).success).toBe(true);
  });

  it('fit a queue message even where ids are as long as they may be', () => {
    const tasks = childTasks(
      'leads.0',
      0,
      ids(5_000, 256).map((id) => id.replaceAll('x', '😀').slice(0, 256)),
      children,
    );
    for (const one of tasks) expect(Buffer.byteLength(JSON.stringify(one))).toBeLessThan(256 * 1024);
  });

  it('have ids that the counts in the chunk’s mark give again', () => {
    const tasks = childTasks('leads.0', 7, ids(1_001), children);
    expect(childTaskIds('leads.0', 7, countByStream(tasks))).toEqual(tasks.map(({ taskId }) => taskId));
  });

  it('are none where the chunk has no parents', () => {
    expect(childTasks('leads.0', 0, [], children)).toEqual([]);
  });
});
