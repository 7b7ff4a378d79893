import type { Json } from './data/table.ts';

const pattern = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * The instant of a time in a row, in milliseconds since 1970. Accepts ISO 8601 in upper or lower case, with a `T` or a
 * space, and milliseconds as a number.
 * @returns undefined for any other value
 */
export function instantOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  const [, day, time, zone = 'Z'] = typeof value === 'string' ? (pattern.exec(value) ?? []) : [];
  if (day === undefined || time === undefined) return undefined;
  const instant = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  return Number.isNaN(instant) ? undefined : instant;
}

export const timeForms = ['iso', 'space', 'lower', 'epoch', 'null'] as const;

/** How the times of rows are written. `null`: `updated_at` is null, the other times are ISO 8601. */
export type TimeForm = (typeof timeForms)[number];

/**
 * Writes a time of a row in another form.
 * @param time ISO 8601; anything else is returned unchanged
 */
export function formatTime(form: TimeForm, field: string, time: Json | undefined): Json | undefined {
  if (typeof time !== 'string' || !pattern.test(time)) return time;
  switch (form) {
    case 'iso':
      return time;
    case 'space':
      return time.replace('T', ' ').replace('Z', '');
    case 'lower':
      return time.toLowerCase();
    case 'epoch':
      return Date.parse(time);
    default:
      return field === 'updated_at' ? null : time;
  }
}
