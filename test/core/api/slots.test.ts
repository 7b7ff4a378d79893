import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createSlots } from '../../../lambdas/core/api/slots.ts';

/** Starts work that ends when it is told to. */
function workload(count: () => number, works: number) {
  const slots = createSlots(count);
  const started: number[] = [];
  const ends: (() => void)[] = [];
  const results = Array.from({ length: works }, (_, index) =>
    slots(async () => {
      started.push(index);
      await new Promise<void>((end) => {
        ends[index] = end;
      });
    }),
  );
  return { started, end: (index: number) => ends[index]?.(), results };
}

describe('slots', () => {
  it('start work in the order in which it arrived, as much as the count allows', async () => {
    const { started, end, results } = workload(() => 2, 4);
    await turn();
    expect(started).toEqual([0, 1]);
    end(1);
    await turn();
    expect(started).toEqual([0, 1, 2]);
    end(0);
    end(2);
    await turn();
    end(3);
    await Promise.all(results);
    expect(started).toEqual([0, 1, 2, 3]);
  });

  it('follow a count that grows and falls', async () => {
    let count = 1;
    const { started, end } = workload(() => count, 6);
    await turn();
    count = 3;
    end(0);
    await turn();
    expect(started).toEqual([0, 1, 2, 3]);
    count = 2;
    end(1);
    await turn();
    expect(started).toHaveLength(4);
  });

  it('are freed by work that fails', async () => {
    const slots = createSlots(() => 1);
    await expect(slots(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await slots(async () => 'next')).toBe('next');
  });
});
