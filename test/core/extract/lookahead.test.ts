import { describe, expect, it } from 'vitest';
import { createLookahead } from '../../../lambdas/core/extract/lookahead.ts';

const items = Array.from({ length: 1_000 }, (_, index) => index);

/** Takes the first answers of a thousand items. @returns the number of items that were asked for */
async function askedAfter(taken: number, { most = 64, bytes = 1_000, fails = false, mayAsk = true } = {}) {
  let asked = 0;
  const answerOf = createLookahead(
    items,
    async (item) => {
      asked += 1;
      if (fails) throw new Error('no');
      return item;
    },
    { most: () => most, mayAsk: () => mayAsk, bytesOf: () => bytes },
  );
  for (let index = 0; index < taken; index += 1)
    expect(await answerOf(index)).toMatchObject(fails ? {} : { value: index });
  return asked;
}

describe('items that are requested before their turn', () => {
  it('are few until answers have come', async () => {
    expect(await askedAfter(1)).toBe(8);
  });

  it('are soon as many as may be in flight', async () => {
    expect(await askedAfter(100)).toBe(99 + 64);
    expect(await askedAfter(100, { most: 2 })).toBe(99 + 2);
  });

  it('stay few if the answers are large, because they wait in memory', async () => {
    expect(await askedAfter(100, { bytes: 1024 * 1024 })).toBe(99 + 16);
  });

  it('stay few while none answers', async () => {
    expect(await askedAfter(100, { fails: true })).toBe(99 + 8);
  });

  it('are none if time is short', async () => {
    expect(await askedAfter(3, { mayAsk: false })).toBe(3);
  });
});
