import type { ColumnValue } from '../../contract/column-types.ts';
import { daysSince1970 } from '../rows/parquet/day-values.ts';
import type { FieldType } from './metadata.ts';

/** Counts of a column, and its bounds in their binary form (appendix D of the table spec). */
export interface ColumnStats {
  readonly values: number;
  readonly nulls: number;
  /** Lower bound; undefined if every value is null. */
  readonly lower?: Uint8Array;
  /** Upper bound; undefined if every value is null, or if no shortened text is as great as the greatest value. */
  readonly upper?: Uint8Array;
}

/** Code points to which bounds of text are cut, except for keys. Java Iceberg uses the same number. */
const boundLength = 16;

const utf8 = new TextEncoder();

/**
 * Compares text as Iceberg, Parquet and every engine do: by code points, which is also the order of the UTF-8 bytes.
 * JavaScript compares UTF-16 units, which puts 😀 before U+FFFF.
 */
export function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const a = one.charCodeAt(at);
    const b = other.charCodeAt(at);
    if (a !== b) return orderOfUnit(a) - orderOfUnit(b);
  }
  return one.length - other.length;
}

/** Rank of a UTF-16 unit: surrogates come last, because they encode code points above all others. */
function orderOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/**
 * Counts and bounds of a column.
 * @param isKey keeps bounds whole, so that a lookup by key reads one file
 * @param type tells a day from a time: both are a `Date`
 */
export function columnStats(values: readonly ColumnValue[], isKey: boolean, type?: FieldType): ColumnStats {
  let nulls = 0;
  let least: ColumnValue = null;
  let greatest: ColumnValue = null;
  for (const stored of values) {
    // Bounds must match the file, where a lone surrogate is written as U+FFFD.
    const value = typeof stored === 'string' ? stored.toWellFormed() : stored;
    if (value === null) nulls += 1;
    else if (least === null || greatest === null) least = greatest = value;
    else if (isBefore(value, least)) least = value;
    else if (isBefore(greatest, value)) greatest = value;
  }
  const counts = { values: values.length, nulls };
  if (least === null || greatest === null) return counts;
  if (typeof least !== 'string' || typeof greatest !== 'string')
    return { ...counts, lower: singleValue(least, -0, type), upper: singleValue(greatest, 0, type) };
  const upper = isKey ? greatest : shortenedUp(greatest);
  const lower = utf8.encode(isKey ? least : shortened(least));
  return { ...counts, lower, ...(upper === undefined ? {} : { upper: utf8.encode(upper) }) };
}

function isBefore(one: NonNullable<ColumnValue>, other: NonNullable<ColumnValue>): boolean {
  return typeof one === 'string' && typeof other === 'string' ? compareText(one, other) < 0 : one < other;
}

/**
 * A bound in its binary form.
 * @param zero how to write a zero: lower bounds use -0 and upper bounds +0, whichever the column holds
 */
function singleValue(value: ColumnValue, zero: number, type: FieldType | undefined): Uint8Array {
  if (typeof value === 'boolean') return Uint8Array.of(value ? 1 : 0);
  if (value instanceof Date && type === 'date') {
    const day = new DataView(new ArrayBuffer(4));
    day.setInt32(0, daysSince1970(value), true);
    return new Uint8Array(day.buffer);
  }
  const bytes = new DataView(new ArrayBuffer(8));
  if (value instanceof Date || (type === 'timestamptz' && typeof value === 'number'))
    bytes.setBigInt64(0, microseconds(value), true);
  else if (typeof value === 'number') bytes.setFloat64(0, value === 0 ? zero : value, true);
  else if (typeof value === 'bigint') bytes.setBigInt64(0, value, true);
  else throw new TypeError(`No bounds for a ${typeof value}`);
  return new Uint8Array(bytes.buffer);
}

/**
 * A time in microseconds, as an exact number. A double would round microseconds after the year 2255.
 * @param time a number is in milliseconds
 */
export function microseconds(time: Date | number): bigint {
  return BigInt(Number(time)) * 1000n;
}

function shortened(text: string): string {
  // A code point is one or two units long.
  return Array.from(text.slice(0, 2 * boundLength))
    .slice(0, boundLength)
    .join('');
}

/**
 * The least text of at most {@link boundLength} code points that is not below the given one; undefined if there is
 * none.
 */
function shortenedUp(text: string): string | undefined {
  const start = shortened(text);
  if (start.length === text.length) return text;
  const points = Array.from(start, (point) => point.codePointAt(0) ?? 0);
  for (let at = points.length - 1; at >= 0; at -= 1) {
    const next = successor(points[at] ?? 0);
    if (next !== undefined) return String.fromCodePoint(...points.slice(0, at), next);
  }
  return undefined;
}

/** The next code point that text can hold. Surrogates are skipped. */
function successor(point: number): number | undefined {
  if (point === 0x10ffff) return undefined;
  return point === 0xd7ff ? 0xe000 : point + 1;
}
