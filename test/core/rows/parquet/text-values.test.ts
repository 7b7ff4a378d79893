import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextValues } from '../../../../lambdas/core/rows/parquet/text-values.ts';
import { Span } from '../../../../lambdas/core/rows/parquet/values.ts';
import { tries } from '../../../support/tries.ts';

function spanOf(text: string): Span {
  const span = new Span(Buffer.from(`<${text}>`));
  [span.from, span.to] = [1, span.bytes.length - 1];
  return span;
}

const added = (texts: Iterable<string>) => {
  const values = new TextValues();
  for (const text of texts) values.add(text);
  return values;
};

describe('the texts of a column', () => {
  it('are what was added, however many texts came before and in which form each was given', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 0, max: 3_000 }).map(String),
      fc.constantFrom('', '\ud800', 'é'.repeat(40_000), 'a'.repeat(64), 'a'.repeat(65)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.boolean()), { maxLength: 2_000, size: 'max' }), (given) => {
        const values = new TextValues();
        for (const [one, isString] of given) values.add(isString ? one : spanOf(one));
        expect(Array.from(values.numbers, (number) => values.valueOf(number))).toEqual(
          given.map(([one]) => one.toWellFormed()),
        );
        expect(values.storedBytes).toBe(values.stored.byteLength);
        expect(values.plainBytes).toBe(values.plain(values.numbers).byteLength);
      }),
      { numRuns: tries(5, 50) },
    );
  });

  it('are stored once if they are equal, in a column that repeats its texts', () => {
    const values = added(Array.from({ length: 5_000 }, (_, at) => `text ${at % 700}`));
    values.add(spanOf('text 5'));
    expect(values.count).toBe(700);
    expect(values.numbers.at(-1)).toBe(5);
  });

  it('are not taken for one another when strings and spans take turns', () => {
    const values = new TextValues();
    for (const text of ['run', spanOf('lead'), 'run', spanOf('lead'), spanOf('run'), 'lead']) values.add(text);
    expect([...values.numbers]).toEqual([0, 1, 0, 1, 0, 1]);
  });

  it('are stored each by itself after the first have nearly all differed: looking for equal ones would be in vain', () => {
    const values = added(Array.from({ length: 1_000 }, (_, at) => `text ${at}`));
    values.add('text 5');
    values.add('text 6');
    expect(values.count).toBe(1_002);
  });
});
