import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Copy, isNewer } from '../../../lambdas/core/current/order.ts';

const day = 86_400_000;
const rules = { lookback: day, forced: false };
const copy = (asked: number, updated?: number, digest = 'd'): Copy => ({ asked, updated, digest });

describe('which copy is current', () => {
  it.each([
    ['the one requested last', copy(2), copy(1)],
    ['the one requested last, if only that has a time', copy(2, 1), copy(1)],
    ['the one requested last, if only the other has a time', copy(2), copy(1, 9 * day)],
    ['the one requested last, if both have the same time', copy(2, 5), copy(1, 5)],
    ['the one with the later time, within the lookback, even if it was requested first', copy(1, 6), copy(2, 5)],
    ['the one with the later time, just within the lookback', copy(1, 6), copy(1 + day, 5)],
    ['the one requested last, beyond the lookback, even if its time went back', copy(2 + day, 5), copy(1, 6)],
    [
      'the one requested last, beyond the lookback, even if the other has a time in the future',
      copy(2 + day, 5),
      copy(1, 99 * day),
    ],
    ['the one with the larger digest, if both are in one answer', copy(1, 5, 'b'), copy(1, 5, 'a')],
  ])('is %s', (_, winner, loser) => {
    expect(isNewer(winner, loser, rules)).toBe(true);
    expect(isNewer(loser, winner, rules)).toBe(false);
  });

  it('is the one requested last in a full refresh, whatever their times say', () => {
    const forced = { ...rules, forced: true };
    expect(isNewer(copy(2, 5), copy(1, 6), forced)).toBe(true);
    expect(isNewer(copy(1, 6), copy(2, 5), forced)).toBe(false);
  });

  it('is exactly one of two different copies, and a copy never replaces itself', () => {
    const anyCopy = fc.record({
      asked: fc.integer({ min: 0, max: 3 * day }),
      updated: fc.option(fc.integer({ min: -day, max: 99 * day }), { nil: undefined }),
      digest: fc.constantFrom('a', 'b'),
    });
    fc.assert(
      fc.property(anyCopy, anyCopy, fc.boolean(), (one, other, forced) => {
        const isSame = one.asked === other.asked && one.digest === other.digest && one.updated === other.updated;
        const both = [isNewer(one, other, { ...rules, forced }), isNewer(other, one, { ...rules, forced })];
        // Copies with the same digest have the same content, and so the same `updated`.
        fc.pre(one.digest !== other.digest || one.updated === other.updated);
        expect(both.filter(Boolean)).toHaveLength(isSame ? 0 : 1);
        expect(isNewer(one, one, { ...rules, forced })).toBe(false);
      }),
    );
  });
});
