/** A time as the API wrote it. */
export interface Timestamp {
  /** The time, cut off at milliseconds. */
  readonly date: Date;
  /** False if the text is more precise than a millisecond. */
  readonly exact: boolean;
}

const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * Parses an ISO 8601 date and time with any number of fraction digits, and with `Z`, an offset, or neither. Neither
 * means UTC, as in the vendor's examples.
 * @returns undefined if the text is not such a time, or names a day or hour that does not exist
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, years, months, days, hours, minutes, seconds = '0', fraction = '', zone = 'Z'] = match;
  const [year, month, day] = [Number(years), Number(months), Number(days)];
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
  const offset = offsetMinutes(zone);
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 59 || offset === undefined) return undefined;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const local = sinceEpoch(year, month, day, hour, minute, second) + milliseconds;
  return { date: new Date(local - offset * 60_000), exact: !/[1-9]/.test(fraction.slice(3)) };
}

/** Parses a day such as `2026-03-10`. @returns its midnight in UTC; undefined if the text is no such day */
export function parseDay(text: string): Date | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  const [year = 0, month = 0, day = 0] = match?.slice(1).map(Number) ?? [];
  return match && isDay(year, month, day) ? new Date(sinceEpoch(year, month, day, 0, 0, 0)) : undefined;
}

/**
 * Parses the usual form of a time, `2026-03-10T12:00:00.000Z` with or without milliseconds, from its ASCII bytes.
 * @returns milliseconds since 1970; undefined if the text has another form. {@link parseTimestamp} knows more forms.
 */
export function usualTime(bytes: Uint8Array, from: number, to: number): number | undefined {
  const hasFraction = to - from === 24;
  if (!hasFraction && to - from !== 20) return undefined;
  for (let at = 0; at < separators.length; at += 2) {
    if (bytes[from + (separators[at] ?? 0)] !== separators[at + 1]) return undefined;
  }
  if (bytes[to - 1] !== zulu || (hasFraction && bytes[from + 19] !== dot)) return undefined;
  const year = digitsAt(bytes, from, 4);
  const month = digitsAt(bytes, from + 5, 2);
  const day = digitsAt(bytes, from + 8, 2);
  const hour = digitsAt(bytes, from + 11, 2);
  const minute = digitsAt(bytes, from + 14, 2);
  const second = digitsAt(bytes, from + 17, 2);
  const milliseconds = hasFraction ? digitsAt(bytes, from + 20, 3) : 0;
  if (year < 0 || hour < 0 || minute < 0 || second < 0 || milliseconds < 0) return undefined;
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  return sinceEpoch(year, month, day, hour, minute, second) + milliseconds;
}

const [hyphen, letterT, colon, dot, zulu] = [0x2d, 0x54, 0x3a, 0x2e, 0x5a];
/** Offset and character of each separator in the usual form. */
const separators = new Uint8Array([4, hyphen, 7, hyphen, 10, letterT, 13, colon, 16, colon]);

/** The number that these digits are; -1 if one of them is not a digit. */
function digitsAt(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * Milliseconds since 1970. Date.UTC would take three times as long, and the years 0 to 99 for 1900 to 1999.
 * @see https://howardhinnant.github.io/date_algorithms.html#days_from_civil
 */
function sinceEpoch(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  // Years start in March here, so that a leap day is the last day of its year.
  const marchYear = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  const days = 365 * marchYear + leapDays + dayOfYear - daysBefore1970;
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000;
}

/** From 1 March of the year 0 to 1 January 1970. */
const daysBefore1970 = 719_468;

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  if (day <= 28) return true;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31);
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))];
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
