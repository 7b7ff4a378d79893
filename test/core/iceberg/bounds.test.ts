import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnValue } from '../../../lambdas/contract/column-types.ts';
import { columnStats, compareText } from '../../../lambdas/core/iceberg/bounds.ts';

const bytesOf = (text: string) => Buffer.from(text, 'utf8');
/**
 * Texts that differ only near their end, or contain the last code point of each UTF-8 length or neighbors of
 * surrogates.
 */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'b', '\u{10ffff}', '\ud7ff', '\ue000', '\uffff', '😀', '\0'),
      fc.string({ unit: 'binary', maxLength: 1 }),
    ),
    {
      maxLength: 40,
    },
  )
  .map((points) => points.join(''));
const isShort = (bytes: Uint8Array) => Array.from(new TextDecoder().decode(bytes)).length <= 16;

/** Reads a bound as the table spec defines it, independently of the code that wrote it. */
function boundValue(bytes: Uint8Array | undefined, like: ColumnValue): number | bigint | boolean | Date | undefined {
  if (!bytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (typeof like === 'boolean') return view.getUint8(0) === 1;
  if (typeof like === 'number') return view.getFloat64(0, true);
  const value = view.getBigInt64(0, true);
  return like instanceof Date ? new Date(Number(value / 1000n)) : value;
}

describe('the order of text', () => {
  it('is the order of its UTF-8 bytes', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const [one, other] = [a.toWellFormed(), b.toWellFormed()];
        expect(Math.sign(compareText(one, other))).toBe(Buffer.compare(bytesOf(one), bytesOf(other)));
      }),
    );
  });
});

describe('bounds of text', () => {
  it('enclose every value and have at most 16 code points', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1 }), (values) => {
        const { lower, upper } = columnStats(values, false);
        for (const value of values) {
          if (lower) expect(Buffer.compare(lower, bytesOf(value))).toBeLessThanOrEqual(0);
          if (upper) expect(Buffer.compare(upper, bytesOf(value))).toBeGreaterThanOrEqual(0);
        }
        expect(lower && isShort(lower)).toBe(true);
        expect(upper === undefined || isShort(upper)).toBe(true);
      }),
    );
  });

  it.each([
    ['a', 'a'],
    ['a'.repeat(16), 'a'.repeat(16)],
    ['a'.repeat(17), `${'a'.repeat(15)}b`],
    [`${'a'.repeat(15)}\u{10ffff}z`, `${'a'.repeat(14)}b`],
    [`${'a'.repeat(15)}\ud7ffz`, `${'a'.repeat(15)}\ue000`],
    [`${'a'.repeat(15)}\uffffz`, `${'a'.repeat(15)}\u{10000}`],
  ])('have for %j the upper bound %j', (value, bound) => {
    expect(columnStats([value], false).upper).toEqual(new Uint8Array(bytesOf(bound)));
  });

  it('have no upper bound if no short text is above the value', () => {
    expect(columnStats(['\u{10ffff}'.repeat(17)], false)).not.toHaveProperty('upper');
  });

  it('are not shortened for a key', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1 }), (values) => {
        const sorted = values.map((value) => bytesOf(value)).toSorted(Buffer.compare);
        const { lower, upper } = columnStats(values, true);
        expect([lower, upper]).toEqual([sorted[0], sorted.at(-1)].map((bytes) => new Uint8Array(bytes ?? [])));
      }),
    );
  });

  it('are not cut off for a key, however long it is', () => {
    const key = 'k'.repeat(100);
    const whole = new Uint8Array(bytesOf(key));
    expect(columnStats([key], true)).toMatchObject({ lower: whole, upper: whole });
  });
});

describe('bounds of days', () => {
  it('are the days since 1970, in four bytes', () => {
    const days = ['1969-12-31', '2026-03-10', '0001-01-01'].map((day) => new Date(day));
    const { lower, upper } = columnStats(days, false, 'date');
    const read = (bytes: Uint8Array | undefined) => bytes && [bytes.length, Buffer.from(bytes).readInt32LE()];
    expect([read(lower), read(upper)]).toEqual([
      [4, -719_162],
      [4, 20_522],
    ]);
  });
});

describe('bounds of other types', () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const dates = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  const types: [string, fc.Arbitrary<bigint | number | boolean | Date>][] = [
    ['integer', int64],
    ['number', fc.double({ noNaN: true, noDefaultInfinity: true })],
    ['boolean', fc.boolean()],
    ['timestamp', dates],
  ];

  it.each(types)('of %s are the least and the greatest value', (_, type) => {
    fc.assert(
      fc.property(fc.array(fc.option(type), { minLength: 1 }), (values) => {
        const stats = columnStats(values, false);
        const present = values.filter((value) => value !== null);
        const [like] = present;
        expect([stats.values, stats.nulls]).toEqual([values.length, values.length - present.length]);
        const sorted = present.toSorted((a, b) => (a < b ? -1 : Number(a > b)));
        if (like === undefined) expect(stats).not.toHaveProperty('lower');
        else {
          expect(Number(boundValue(stats.lower, like)) + 0).toBe(Number(sorted[0]) + 0);
          expect(Number(boundValue(stats.upper, like)) + 0).toBe(Number(sorted.at(-1)) + 0);
        }
      }),
    );
  });

  it('of zeros enclose both 0 and -0', () => {
    const { lower, upper } = columnStats([0, -0], false);
    expect([boundValue(lower, 0), boundValue(upper, 0)]).toEqual([-0, 0]);
  });

  it('of a time after 2255 are exact to the microsecond', () => {
    const { upper } = columnStats([new Date('9999-12-31T23:59:59.999Z')], false);
    expect(upper && Buffer.from(upper).readBigInt64LE()).toBe(253_402_300_799_999_000n);
  });
});
