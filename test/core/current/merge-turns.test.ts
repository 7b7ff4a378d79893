import { describe, expect, it } from 'vitest';
import { createTurns } from '../../../lambdas/core/current/merge-turns.ts';

/** Resolves once all work that can start now has started. */
const settled = () => new Promise<void>((done) => void setImmediate(done));

/** Starts one piece of work for each share of the capacity. Each lasts until the test calls its `end` or `fail`. */
async function begin(shares: readonly number[]) {
  const turn = createTurns();
  const begun: number[] = [];
  const works = shares.map((share, at) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const work = turn(share, () => {
      begun.push(at);
      return promise;
    });
    return {
      work,
      end: () => (resolve(), work.then(settled)),
      fail: () => (reject(new Error('failed')), work),
    };
  });
  await settled();
  return { begun, works };
}

describe('turns', () => {
  it('begin at once as long as all shares together fit', async () => {
    expect((await begin([0.5, 0.25, 0.25, 0.1])).begun).toEqual([0, 1, 2]);
  });

  it('come in the order of asking: a large one is not overtaken for ever', async () => {
    const { begun, works } = await begin([0.5, 1, 0.1]);
    expect(begun).toEqual([0]);
    await works[0]?.end();
    expect(begun).toEqual([0, 1]);
    await works[1]?.end();
    expect(begun).toEqual([0, 1, 2]);
  });

  it('go on after one that failed', async () => {
    const { begun, works } = await begin([1, 1]);
    await expect(works[0]?.fail()).rejects.toThrow('failed');
    expect(begun).toEqual([0, 1]);
  });

  it('always give one to whoever is alone, though the sum of others was not exact', async () => {
    const { begun, works } = await begin([0.1, 0.2, 0.7, 1]);
    for (const { end } of works.slice(0, 3)) await end();
    expect(begun).toEqual([0, 1, 2, 3]);
  });
});
