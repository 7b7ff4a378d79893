import { describe, expect, it } from 'vitest';
import {
  PercentMeter,
  type ProgressView,
  progressLine,
  RateMeter,
  retryText,
  waitingText,
} from '../../../local/cli/progress-line.ts';
import { pipe } from '../../../local/cli/terminal.ts';

const startedAt = new Date('2026-11-24T02:00:00Z');
const later = (seconds: number) => new Date(startedAt.getTime() + seconds * 1_000);
const columns = (width: number) => ({ width, hasColour: false });
const view: ProgressView = {
  startedAt,
  now: later(1_260),
  isPlanned: true,
  requests: 1_204,
  expected: 3_560,
  hasGrown: false,
  perMinute: 57.6,
  limited: 0,
  limit: 60,
  rows: 12_304,
  tables: 24,
  reading: ['lead_messages', 'lead_activities', 'job_events'],
  obstacle: undefined,
};

describe('the progress line', () => {
  it('a single request is one, and the rate is never above its limit', () => {
    const line = progressLine({ ...view, expected: undefined, requests: 1, perMinute: 605, limit: 600 }, pipe);
    expect(line).toContain('  1 request  600 of 600 a minute  ');
  });

  it('in a pipe says everything', () => {
    expect(progressLine(view, pipe)).toBe(
      '21 min  33%  41 min left  1,204 of 3,560 requests  58 of 60 a minute  12,304 rows in 24 tables  reading lead_messages, lead_activities, job_events',
    );
  });

  it.each([
    [120, '21 min  33% ━━━╌╌╌╌╌╌╌  41 min left  1,204 of 3,560 requests  58 of 60 a minute  12,304 rows in 24 tables'],
    [80, '21 min  33% ━━━╌╌╌╌╌╌╌  41 min left  1,204 of 3,560 requests  58 of 60 a minute'],
    [60, '21 min  33% ━━━╌╌╌╌╌╌╌  41 min left  58 of 60 a minute'],
    [40, '21 min  33%  41 min left'],
  ])('fits a terminal of %i columns', (width, line) => {
    expect(progressLine(view, columns(width))).toBe(line);
  });

  it('has no fraction as long as the length of a list is unknown', () => {
    const first = {
      ...view,
      now: later(42),
      expected: undefined,
      requests: 40,
      rows: 3_900,
      tables: 1,
      reading: ['leads'],
    };
    expect(progressLine(first, columns(80))).toBe(
      '42 s  40 requests  58 of 60 a minute  3,900 rows in 1 table  reading leads',
    );
    expect(progressLine({ ...first, rows: 1 }, columns(80))).toContain('  1 row in 1 table');
  });

  it('says that nothing is planned yet, and what the API answers, without numbers', () => {
    const first = { ...view, now: later(2), isPlanned: false, expected: undefined, requests: 0, rows: 0, tables: 0 };
    const obstacle = 'trying again: the API did not answer';
    expect(progressLine({ ...first, reading: [], obstacle }, columns(120))).toBe(
      '2 s  trying again: the API did not answer  planning what to read',
    );
  });

  it('has no percentage while the estimate is higher than before', () => {
    expect(progressLine({ ...view, expected: 5_000, hasGrown: true }, columns(100))).toBe(
      '21 min  1 h 6 min left  1,204 of 5,000 requests, more than estimated before  58 of 60 a minute',
    );
  });

  it('says what the run waits for instead of the remaining time', () => {
    const obstacle = waitingText({ until: '2026-11-24T02:25:00Z', reason: 'leads: slow down.' }, later(1_260));
    expect(progressLine({ ...view, obstacle }, columns(80))).toBe(
      '21 min  33% ━━━╌╌╌╌╌╌╌  waiting until 02:25:00 UTC (in 4 min): leads: slow down',
    );
  });

  it('says that the API itself has slowed it down', () => {
    expect(progressLine({ ...view, perMinute: 11, limited: 8 }, columns(100))).toBe(
      '21 min  33% ━━━╌╌╌╌╌╌╌  3 h 34 min left  1,204 of 3,560 requests  11 a minute after 8 × 429',
    );
  });

  it('says that the tables are written once everything is read', () => {
    expect(
      progressLine({ ...view, expected: undefined, requests: 3_560, perMinute: 0, reading: [] }, columns(120)),
    ).toBe('21 min  3,560 requests  0 a minute  12,304 rows in 24 tables  writing the tables');
  });

  it('claims neither that nothing is left nor that no time is, as long as something is read', () => {
    expect(progressLine({ ...view, requests: 3_560 }, columns(120))).toBe(
      '21 min  99% ━━━━━━━━━╌  3,560 of 3,560 requests  58 of 60 a minute  12,304 rows in 24 tables',
    );
  });
});

describe('what is tried again', () => {
  const reason = 'jobs: The API answered with errors instead of data. Such a request is tried several times.';

  it('is waited for until then', () => {
    const retry = { reason, at: later(0), until: later(8) };
    expect(retryText(retry, later(2))).toBe(
      'waiting until 02:00:08 UTC (in 6 s): jobs: The API answered with errors instead of data',
    );
    expect(retryText(retry, later(9))).toBeUndefined();
  });

  it('is named for a few seconds if the wait is short', () => {
    const retry = { reason: 'leads: the API answered 503. It failed.', at: later(0), until: later(0.4) };
    expect(retryText(retry, later(0))).toBe('trying again: leads: the API answered 503');
    expect(retryText(retry, later(1))).toBe('trying again: leads: the API answered 503');
    expect(retryText(retry, later(6))).toBeUndefined();
  });
});

it('the rate is that of the last minute', () => {
  const meter = new RateMeter();
  for (let second = 0; second <= 120; second += 1) {
    meter.add(second < 60 ? second * 10 : 600 + (second - 60), later(second));
    if (second === 0) expect(meter.perMinute).toBeUndefined();
    if (second === 30) expect(meter.perMinute).toBe(600);
  }
  expect(meter.perMinute).toBe(60);
});

it('after an answer 429 the rate is measured anew, so that the requests before it promise no early end', () => {
  const meter = new RateMeter();
  for (const second of [0, 1]) meter.add(second * 100, later(second));
  expect(meter.perMinute).toBe(6_000);
  meter.add(110, later(2), 1);
  expect(meter.perMinute).toBeUndefined();
  for (const second of [3, 4, 5]) meter.add(108 + second, later(second), 1);
  expect(meter.perMinute).toBe(60);
});

it('a percentage never falls: one that would be lower is left out until it is as high again', () => {
  const meter = new PercentMeter();
  const seen: [number, number | undefined][] = [
    [66, 281],
    [66, 304],
    [68, undefined],
    [69, 304],
    [70, 304],
  ];
  expect(seen.map(([requests, expected]) => meter.hasFallen(requests, expected))).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
});
