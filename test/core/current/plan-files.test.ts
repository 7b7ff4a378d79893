import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeLimits } from '../../../lambdas/core/current/merge-limits.ts';
import { planFiles, targetRows } from '../../../lambdas/core/current/plan-files.ts';

const touched = (rows: number) => ({ rows, isTouched: true });
const untouched = (rows: number) => ({ rows, isTouched: false });

describe('which data files are rewritten', () => {
  it.each([
    ['none if nothing changed', [untouched(10), untouched(10)], []],
    ['the touched one alone', [untouched(10), touched(9), untouched(10)], [{ from: 1, to: 2, pieces: 1 }]],
    ['one that grew, as two', [touched(16), untouched(10)], [{ from: 0, to: 1, pieces: 2 }]],
    ['one that grew a little, as one', [touched(15)], [{ from: 0, to: 1, pieces: 1 }]],
    ['a small one with the next, if both fit into one', [touched(4), untouched(6)], [{ from: 0, to: 2, pieces: 1 }]],
    ['a small one with the one before', [untouched(6), touched(4)], [{ from: 0, to: 2, pieces: 1 }]],
    [
      'a small one alone, if no neighbour has room',
      [untouched(8), touched(4), untouched(7)],
      [{ from: 1, to: 2, pieces: 1 }],
    ],
    ['an emptied one, as none', [untouched(3), touched(0), untouched(3)], [{ from: 1, to: 2, pieces: 0 }]],
    ['the first one of a table', [touched(30)], [{ from: 0, to: 1, pieces: 3 }]],
    ['no untouched small ones', [untouched(1), untouched(1)], []],
  ])('are %s', (_, slots, groups) => {
    expect(planFiles(slots, 10)).toEqual(groups);
  });

  it('cover every touched slot once, in pieces of bounded size', () => {
    const slot = fc.record({ rows: fc.integer({ min: 0, max: 100 }), isTouched: fc.boolean() });
    fc.assert(
      fc.property(fc.array(slot), fc.integer({ min: 1, max: 40 }), (slots, target) => {
        const groups = planFiles(slots, target);
        let end = 0;
        for (const { from, to, pieces } of groups) {
          expect(from).toBeGreaterThanOrEqual(end);
          expect(to).toBeGreaterThan(from);
          const rows = slots.slice(from, to).reduce((sum, one) => sum + one.rows, 0);
          expect(pieces === 0).toBe(rows === 0);
          if (pieces > 0) expect(Math.ceil(rows / pieces)).toBeLessThanOrEqual(Math.max(1, Math.ceil(1.5 * target)));
          if (pieces > 1) expect(Math.floor(rows / pieces)).toBeGreaterThanOrEqual(Math.floor(target / 2));
          end = to;
        }
        for (const [at, { isTouched }] of slots.entries())
          if (isTouched) expect(groups.filter(({ from, to }) => from <= at && at < to)).toHaveLength(1);
      }),
    );
  });
});

describe('the rows of a data file', () => {
  it.each([
    ['at least 10,000', { rows: 1_000, bytesPerRow: 100 }, 10_000],
    ['a 128th of a large table', { rows: 2_000_000, bytesPerRow: 100 }, 15_625],
    ['at most 250,000', { rows: 100_000_000, bytesPerRow: 100 }, 250_000],
    ['at most 32 MB', { rows: 1_000_000, bytesPerRow: 16_000 }, 2_000],
    ['at least one', { rows: 10, bytesPerRow: 1e9 }, 1],
  ])('are %s', (_, table, rows) => {
    expect(targetRows(table, mergeLimits)).toBe(rows);
  });
});
