import { describe, expect, it } from 'vitest';
import { durationText } from '../../../lambdas/core/runs/duration-text.ts';
import { clockTime, relativeTime } from '../../../local/cli/durations.ts';

const now = new Date('2026-11-24T12:00:00Z');
const after = (seconds: number) => new Date(now.getTime() + seconds * 1_000);

it.each([
  [0.4, '0 s'],
  [59.4, '59 s'],
  [60, '1 min'],
  [185, '3 min 5 s'],
  [599.6, '10 min'],
  [2_460, '41 min'],
  [3_599, '1 h'],
  [12_000, '3 h 20 min'],
  [86_399, '1 d'],
  [187_200, '2 d 4 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

describe('a time', () => {
  it.each([
    [-0.5, 'just now'],
    [-90, '1 min 30 s ago'],
    [-36_000, '10 h ago'],
    [-100_000, '1 d 4 h ago'],
    [-300_000, '3 d ago'],
    [240, 'in 4 min'],
  ])('%d seconds away is %s', (seconds, text) => {
    expect(relativeTime(after(seconds), now)).toBe(text);
  });

  it('on the clock has its day only if it is another', () => {
    expect(clockTime(after(240), now)).toBe('12:04:00 UTC (in 4 min)');
    expect(clockTime(after(50_000), now)).toBe('2026-11-25 01:53:20 UTC (in 14 h)');
  });
});
