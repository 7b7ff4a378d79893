/** A time as the API wrote it. */
export interface Timestamp {
  /** To the millisecond; what is finer is cut off. */
  readonly date: Date;
  /** False where the text says more than a millisecond can. */
  readonly exact: boolean;
}

const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * Parses an ISO 8601 date and time: any number of fraction digits; `Z`, an offset, or neither (then UTC,
 * which is what the vendor's examples are in).
 * @returns undefined where the text is not such a time, or names a day or hour that does not exist
 */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hours, minutes, seconds = '0', fraction = '', zone = 'Z'] = match;
  const [h, m, s] = [Number(hours), Number(minutes), Number(seconds)];
  if (h > 23 || m > 59 || s > 59) return undefined;
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'));
  const local = new Date(0);
  local.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (local.getUTCMonth() !== Number(month) - 1 || local.getUTCDate() !== Number(day)) return undefined;
  local.setUTCHours(h, m, s, milliseconds);
  const offset = offsetMinutes(zone);
  if (offset === undefined) return undefined;
  return { date: new Date(local.getTime() - offset * 60_000), exact: !/[1-9]/.test(fraction.slice(3)) };
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))];
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
