import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareKeys,
  compareRows,
  type Key,
  keyColumns,
  keyJson,
  keyTexts,
  parseKey,
} from '../../../lambdas/core/current/keys.ts';

const sign = (order: number) => Math.sign(order);

describe('keys', () => {
  it('of text are ordered by their UTF-8 bytes, as Iceberg compares bounds', () => {
    const letters = ['a', 'z', 'é', '\uD7FF', '\uE000', '\uFFFF', '😀', '\u{10FFFF}'];
    const text = fc.array(fc.constantFrom(...letters), { maxLength: 4 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(sign(compareKeys([one], [other]))).toBe(Buffer.compare(Buffer.from(one), Buffer.from(other)));
      }),
    );
  });

  it('of integers are ordered by value', () => {
    const integers = [-(2n ** 63n), -10n, -9n, 0n, 9n, 10n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n];
    expect(integers.toReversed().toSorted((one, other) => compareKeys([one], [other]))).toEqual(integers);
  });

  it('of several parts are ordered by the first part that differs; a prefix comes first', () => {
    const keys: Key[] = [['a'], ['a', 'b'], ['a', 'c'], ['a😀', 'a'], ['b', '']];
    expect(keys.toReversed().toSorted(compareKeys)).toEqual(keys);
  });

  it('compare the same as rows of columns', () => {
    const key = fc.tuple(fc.constantFrom('a', 'b', '😀', '￿'), fc.bigInt({ min: -2n, max: 2n }));
    fc.assert(
      fc.property(key, key, (one, other) => {
        const rows = keyColumns({ name: [one[0], other[0]], row: [one[1], other[1]] }, ['name', 'row']);
        expect(sign(compareRows(rows, 0, rows, 1))).toBe(sign(compareKeys(one, other)));
      }),
    );
  });

  it('are restored from their texts', () => {
    const key: Key = ['["a",\\n', -9_007_199_254_740_993n, '10'];
    expect(parseKey(keyTexts(key), [false, true, false])).toEqual(key);
    expect(keyJson(['1', 2n])).not.toBe(keyJson(['12', 0n]));
  });

  it('hold no nulls', () => {
    expect(() => keyColumns({ id: ['a', null] }, ['id'])).toThrow('Key column id');
  });
});
