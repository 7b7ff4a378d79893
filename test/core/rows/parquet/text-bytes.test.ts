import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextBytes } from '../../../../lambdas/core/rows/parquet/text-bytes.ts';
import { tries } from '../../../support/tries.ts';

const utf8 = (text: string) => new Uint8Array(Buffer.from(text));

describe('the bytes of a text', () => {
  it('are its UTF-8, however many texts came before and in which form each was given', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 0, max: 3_000 }).map(String),
      fc.constantFrom('', '\ud800', 'é'.repeat(40_000), 'a'.repeat(64), 'a'.repeat(65)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.boolean()), { maxLength: 2_000, size: 'max' }), (given) => {
        const texts = new TextBytes();
        const got = given.map(([one, isString]) =>
          isString ? texts.ofString(one) : texts.ofBytes(utf8(`<${one}>`), 1, 1 + utf8(one).length),
        );
        for (const [at, [one]] of given.entries()) expect(Buffer.compare(got[at] ?? utf8(''), utf8(one))).toBe(0);
      }),
      { numRuns: tries(5, 50) },
    );
  });

  it('are one array for equal texts of a column that repeats its texts', () => {
    const texts = new TextBytes();
    const distinct = new Set(Array.from({ length: 5_000 }, (_, at) => texts.ofString(`text ${at % 700}`)));
    expect(distinct.size).toBe(700);
    expect(texts.ofBytes(utf8('text 5'), 0, 6)).toBe(texts.ofString('text 5'));
  });

  it('stay apart in a column whose first texts nearly all differ, where looking for equal ones is in vain', () => {
    const texts = new TextBytes();
    for (let at = 0; at < 1_000; at += 1) texts.ofString(`text ${at}`);
    expect(texts.ofString('text 5')).not.toBe(texts.ofString('text 5'));
  });
});
