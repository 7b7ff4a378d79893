import { describe, expect, it } from 'vitest';
import { cronProblem } from '../../../lib/config/cron.ts';
import { timezoneProblem } from '../../../lib/config/timezone.ts';

describe('a cron expression', () => {
  it.each([
    '0 2 * * ? *',
    '15 10 ? * 6L 2026-2030',
    '0/15 8-18 ? * MON-FRI *',
    '0 18 L * ? *',
    '30 6 L-2 1,4,7,10 ? *',
    '0 9 15W JAN-JUN ? *',
    '0 9 ? * tue#2 *',
    '5,35 */6 * DEC ? 2027',
  ])('of the scheduler passes: %s', (expression) => {
    expect(cronProblem(expression)).toBeUndefined();
  });

  it.each([
    ['five fields, as Unix has them', '0 2 * * *', /needs six fields .* has 5/],
    ['both days given', '0 2 1 * MON *', /either the day of the month or the day of the week/],
    ['neither day given', '0 2 ? * ? *', /either the day of the month or/],
    ['both days open', '0 2 * * * *', /either the day of the month or/],
    ['a minute that is none', '60 2 * * ? *', /'60' is not a valid minute/],
    ['an hour that is none', '0 24 * * ? *', /'24' is not a valid hour/],
    ['a month that is none', '0 2 * 13 ? *', /'13' is not a valid month/],
    ['a day of the week counted from 0', '0 2 ? * 0 *', /'0' is not a valid day of the week/],
    [
      'a day that is no name',
      '0 2 ? * MO *',
      /'MO' is not a valid day of the week \(1 to 7, or SUN to SAT, where 1 is SUN\)/,
    ],
    ['a range that runs backwards', '0 8-2 * * ? *', /'8-2' is not a valid hour/],
    ['a step of nothing', '0/0 2 * * ? *', /'0\/0' is not a valid minute/],
    ['an empty item', '0, 2 * * ? *', /'0,' is not a valid minute/],
    ['a year out of reach', '0 2 * * ? 1969', /'1969' is not a valid year/],
    ['the function around the fields', 'cron(0 2 * * ? *)', /give the six fields alone/],
    ['nothing', '', /needs six fields/],
  ])('does not pass with %s', (_, expression, problem) => {
    expect(cronProblem(expression)).toMatch(problem);
  });
});

describe('a cron expression that never begins', () => {
  const now = new Date('2026-03-01T12:00:00Z');

  it.each([
    '0 2 31 2 ? *',
    '0 2 30 2 ? *',
    '0 2 31 4,6,SEP,11 ? *',
    '0 2 31W FEB ? *',
    '0 2 L-29 FEB ? *',
    '0 2 29 2 ? 2027,2029-2031',
    '0 2 * * ? 2020',
    '0 2 1-27 2 ? 2026',
    '0 2 ? 2 MON#5 2027',
  ])('does not pass: %s', (expression) => {
    expect(cronProblem(expression, now)).toMatch(/would never run, because there is no such day in the future: '0 2/);
  });

  it.each([
    '0 2 29 2 ? *',
    '0 2 29 2 ? 2028',
    '0 2 31 1-4/2,3 ? *',
    '0 2 L 2 ? *',
    '0 2 L-27 FEB ? 2027',
    '0 2 ? FEB 1#5 *',
    '0 2 ? FEB MONL 2027',
    '0 2 ? * L 2026',
    '0 2 28 2 ? 2026',
    '0 2 * * ? 2020/6',
    '0 2 * * ? 2026',
  ])('is not one of these: %s', (expression) => {
    expect(cronProblem(expression, now)).toBeUndefined();
  });
});

describe('a time zone', () => {
  it.each(['Etc/UTC', 'UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'America/Port-au-Prince', 'Etc/GMT+1'])(
    'of the IANA database passes: %s',
    (name) => {
      expect(timezoneProblem(name)).toBeUndefined();
    },
  );

  it.each(['Mars/Base', 'europe/berlin', '+02:00', 'CET+1', '', 'Berlin'])(
    'that does not exist does not pass: %j',
    (name) => {
      expect(timezoneProblem(name)).toMatch(/time zone.*Europe\/Berlin/);
    },
  );

  it.each(['Europe/Berln', 'europe/berlin'])('that is misspelt is told with the one that is meant: %s', (name) => {
    expect(timezoneProblem(name)).toMatch(/: did you mean Europe\/Berlin\?$/);
  });
});
