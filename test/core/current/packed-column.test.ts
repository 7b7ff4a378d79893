import { describe, expect, test } from 'vitest';
import { PackedColumn } from '../../../lambdas/core/current/packed-column.ts';

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
    const read = new PackedColumn().add(values);
    expect(values.map((_value, row) => read(row))).toEqual(values);
  });

  test('keeps the rows of several files apart', () => {
    const column = new PackedColumn();
    const files = [['Zoë', null], [1.5, null], [null, 'b'.repeat(10_000)], [], ['a']];
    const readers = files.map((values) => column.add(values));
    expect(readers.map((read, file) => files[file]?.map((_value, row) => read(row)))).toEqual(files);
    expect(readers[0]?.(2)).toBeNull();
  });

  test('has no value after its last row', () => {
    expect(new PackedColumn().add(['a'])(1)).toBeNull();
  });
});
