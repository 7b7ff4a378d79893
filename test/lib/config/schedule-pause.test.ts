import { describe, expect, it } from 'vitest';
import { parseWorkspace } from '../../../lib/config/config.ts';
import { expectedHours, scheduleGaps } from '../../../lib/config/schedule-pause.ts';

const now = new Date('2026-03-01T12:00:00Z');

describe('the pauses of a schedule', () => {
  it.each([
    ['0 2 * * ? *', 24, 24],
    ['0 2,14 * * ? *', 12, 12],
    ['30 2,3 * * ? *', 23, 1],
    ['0 2 ? * MON-FRI *', 72, 24],
    ['0 3 ? * SUN *', 168, 168],
    ['0 3 1 * ? *', 31 * 24, 28 * 24],
    ['0 3 29 2 ? *', (4 * 365 + 1) * 24, (4 * 365 + 1) * 24],
  ])('%s are %d hours at most, and %d at least', (cron, longest, shortest) => {
    expect(scheduleGaps(cron, now)).toEqual({ longest, shortest });
  });
});

describe('how long a night may be missing', () => {
  const hours = (config: object) => expectedHours(parseWorkspace({ name: 'main', ...config }));

  it('follows from the schedule, its window and some slack', () => {
    expect(hours({})).toBe(27);
    expect(hours({ flexibleWindowMinutes: 0 })).toBe(26);
    expect(hours({ schedule: { cron: '0 2 ? * MON-FRI *' } })).toBe(75);
  });

  it('is what the configuration says, if it sets it', () => {
    expect(hours({ runExpectedHours: 30 })).toBe(30);
  });
});
