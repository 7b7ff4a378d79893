import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOf, isAddressable, encodeId } from '../../../lambdas/core/rows/row-ids.ts';

describe('the id of a row', () => {
  it.each([
    ['{"id":"a"}', 'a'],
    ['{"id":1000}', '1000'],
    ['{"id":12345678901234567890}', '12345678901234567890'],
    ['{"id":"1000"}', '1000'],
    ['{"id":null}', undefined],
    ['{"id":true}', undefined],
    ['[1]', undefined],
  ])('of %s is %s', (row, id) => {
    expect(idOf(row)).toBe(id);
  });
});

describe('an id as the text of a column', () => {
  const anyId = fc.string({
    unit: fc.constantFrom('a', 'd', '8', '0', 'f', '\ud800', '\udfff', '\ufdd0', '\ufffd', '😀'),
  });

  it('is well formed and unique', () => {
    fc.assert(
      fc.property(anyId, anyId, (one, other) => {
        expect(encodeId(one).isWellFormed()).toBe(true);
        expect(encodeId(one) === encodeId(other)).toBe(one === other);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['a', '日本', '🚀', 'a\ufffd', ''])('is the id itself if possible: %j', (id) => {
    expect(encodeId(id)).toBe(id);
  });

  it('is never requested if it stands for another id', () => {
    expect(encodeId('a\ud800')).toBe('a\ufdd0d800');
    expect(isAddressable(encodeId('a\ud800'))).toBe(false);
    expect(isAddressable('a\ud800')).toBe(false);
    expect(isAddressable('a')).toBe(true);
  });
});
