import { describe, expect, test } from 'vitest';
import { packColumn } from '../../../lambdas/core/current/packed-column.ts';

describe('a packed column', () => {
  test.each([
    ['texts of one to four bytes a letter', ['Ann', 'Zoë', '東京', '😀', 'Ann']],
    ['a null beside an empty text', [null, '', 'a', null]],
    ['only nulls', [null, null]],
    ['lists', [['a', 'b'], [], null]],
    ['times and numbers', [1_700_000_000_000, null, 0.5]],
    ['whole numbers', [1n, null, 9_007_199_254_740_993n]],
    ['no row', []],
  ])('gives back %s', (_, values) => {
    const read = packColumn(values);
    expect(values.map((_value, row) => read(row))).toEqual(values);
  });

  test('has no value after its last row', () => {
    expect(packColumn(['a'])(1)).toBeNull();
  });
});
