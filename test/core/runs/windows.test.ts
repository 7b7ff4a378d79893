import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { behind, slices } from '../../../lambdas/core/runs/windows.ts';

const day = 86_400_000;
const instants = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) });

describe('slices', () => {
  it('leaves the first slice open where nothing says where reading begins', () => {
    const to = new Date('2026-11-24T00:00:00Z');
    expect(slices(undefined, to, 90)).toEqual([{ before: '2026-11-24T00:00:00.000Z' }]);
  });

  it('cuts from the birth of the workspace, and still leaves the first slice open', () => {
    const windows = slices(undefined, new Date('2026-11-24T00:00:00Z'), 90, new Date('2026-06-24T00:00:00Z'));
    expect(windows).toHaveLength(2);
    expect(windows[0]?.after).toBeUndefined();
    expect(windows[1]?.before).toBe('2026-11-24T00:00:00.000Z');
  });

  it.each(['exclusive', 'inclusive'])('holds every instant between its bounds when filters are %s', (filters) => {
    fc.assert(
      fc.property(
        instants,
        instants,
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b, days, at) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b) + 2];
          const instant = Math.round(from + 1 + at * (to - from - 2));
          const holding = slices(new Date(from), new Date(to), days).filter(({ after, before }) => {
            const [lower, upper] = [Date.parse(after ?? ''), Date.parse(before ?? '')];
            return filters === 'exclusive' ? instant > lower && instant < upper : instant >= lower && instant <= upper;
          });
          expect(holding.length).toBeGreaterThanOrEqual(1);
          if (filters === 'exclusive') expect(holding).toHaveLength(1);
        },
      ),
    );
  });

  it('never makes more than 48, however long the time and short the slice', () => {
    expect(slices(new Date(0), new Date(100 * 365 * day), 1)).toHaveLength(48);
  });
});

describe('behind', () => {
  it('goes back by the overlap', () => {
    expect(behind(new Date('2026-11-24T00:05:00Z'), 10).toISOString()).toBe('2026-11-23T23:55:00.000Z');
  });
});
