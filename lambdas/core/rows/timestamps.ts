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
  // Date.UTC maps the years 0 to 99 to 1900 to 1999. So it gets the year 400 years later, which has the same days.
  const local = Date.UTC(year + 400, month - 1, day, hour, minute, second, milliseconds) - fourCenturies;
  return { date: new Date(local - offset * 60_000), exact: !/[1-9]/.test(fraction.slice(3)) };
}

const fourCenturies = 146_097 * 86_400_000;

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
