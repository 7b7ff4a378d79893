import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTimestamp, usualTime } from '../../../lambdas/core/rows/timestamps.ts';

const anyDate = fc.date({
  min: new Date('0001-01-02T00:00:00Z'),
  max: new Date('9999-12-30T00:00:00Z'),
  noInvalidDate: true,
});

describe('parseTimestamp', () => {
  it('reads back what Date writes, in every year from 1 to 9999', () => {
    fc.assert(
      fc.property(anyDate, (date) => {
        expect(parseTimestamp(date.toISOString())).toEqual({ date, exact: true });
      }),
    );
  });

  it('moves a time with an offset to UTC', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }), (date, offset) => {
        const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
        fc.pre(/^\d{4}-/.test(local));
        const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((n) =>
          String(n).padStart(2, '0'),
        );
        expect(parseTimestamp(`${local}${offset < 0 ? '-' : '+'}${hours}:${minutes}`)?.date).toEqual(date);
      }),
    );
  });

  it.each([
    ['2026-03-10T12:00:00Z', '2026-03-10T12:00:00.000Z'],
    ['2026-03-10T12:00Z', '2026-03-10T12:00:00.000Z'],
    ['2026-03-10T12:00:00', '2026-03-10T12:00:00.000Z'],
    ['2026-03-10T12:00:00.5', '2026-03-10T12:00:00.500Z'],
    ['2026-03-10T12:00:00,25Z', '2026-03-10T12:00:00.250Z'],
    ['2026-03-10T12:00:00+0530', '2026-03-10T06:30:00.000Z'],
    ['2026-03-10T12:00:00-03', '2026-03-10T15:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0000-02-29T00:00:00Z', '0000-02-29T00:00:00.000Z'],
    ['1969-12-31T23:59:59.9Z', '1969-12-31T23:59:59.900Z'],
  ])('reads %s as %s, exactly', (text, iso) => {
    expect(parseTimestamp(text)).toEqual({ date: new Date(iso), exact: true });
  });

  it.each([
    ['2026-03-10T12:00:00.123456Z', '2026-03-10T12:00:00.123Z', false],
    ['2026-03-10T12:00:00.1239999999999999999999Z', '2026-03-10T12:00:00.123Z', false],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z', false],
    ['2026-03-10T12:00:00.123000Z', '2026-03-10T12:00:00.123Z', true],
  ])('truncates %s to %s, and says whether it was exact', (text, iso, exact) => {
    expect(parseTimestamp(text)).toEqual({ date: new Date(iso), exact });
  });

  it.each([
    '',
    'now',
    '2026-03-10',
    '2026-03',
    '1773144000',
    '2026-03-10 12:00:00',
    '2026-03-10T12',
    '2026-3-10T12:00:00Z',
    '2026-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-03-00T00:00:00Z',
    '2026-03-10T24:00:00Z',
    '2026-03-10T12:60:00Z',
    '2026-03-10T23:59:60Z',
    '2026-03-10T12:00:00+24:00',
    '2026-03-10T12:00:00+01:60',
    '2026-03-10T12:00:00.Z',
    '2026-03-10T12:00:00ZZ',
    '+012026-03-10T12:00:00Z',
    ' 2026-03-10T12:00:00Z',
    '2026-03-10T12:00:00Z\n',
    '٢٠٢٦-03-10T12:00:00Z',
    'Tue, 10 Mar 2026 12:00:00 GMT',
  ])('does not read %j as a time', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});

describe('usualTime', () => {
  const usual = (text: string) => usualTime(Buffer.from(`<${text}>`), 1, 1 + Buffer.byteLength(text));

  it('reads what Date writes, with milliseconds and without, as parseTimestamp does', () => {
    fc.assert(
      fc.property(anyDate, (date) => {
        const text = date.toISOString();
        expect(usual(text)).toBe(date.getTime());
        expect(usual(text.replace(/\.\d+/, ''))).toBe(Math.floor(date.getTime() / 1_000) * 1_000);
      }),
    );
  });

  it('reads nothing that parseTimestamp does not read, or reads otherwise', () => {
    const usualText = '2024-02-29T23:59:59.999Z';
    const damage = fc.tuple(fc.nat(usualText.length - 1), fc.constantFrom(...'0123456789-:TZ.,+/ é'.split('')));
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), fc.boolean(), (damages, isShort) => {
        const text = isShort ? `${usualText.slice(0, 19)}Z` : usualText;
        const damaged = damages.reduce((one, [at, by]) => one.slice(0, at) + by + one.slice(at + 1), text);
        const milliseconds = usual(damaged);
        if (milliseconds !== undefined)
          expect(parseTimestamp(damaged)).toEqual({ date: new Date(milliseconds), exact: true });
      }),
      { numRuns: 2_000 },
    );
  });
});
