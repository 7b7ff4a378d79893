import type { ColumnType, ColumnValues } from '../contract/column-types.ts';
import { parseTimestamp } from './timestamps.ts';

/** A value that fits its column; `exact` is false where the column cannot say all that the API said. */
export interface Fit<T = ColumnValues[ColumnType]> {
  readonly value: T;
  readonly exact: boolean;
}

/**
 * How a JSON value becomes a column's value. `undefined`: it does not fit.
 * @param value as JSON.parse gives it
 * @param source the number's own text, where precision may have been lost
 */
type Parser<T> = (value: unknown, source: (value: unknown) => string) => Fit<T> | undefined;

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

export const columnParsers: { readonly [T in ColumnType]: Parser<ColumnValues[T]> } = {
  string: (value) => (typeof value === 'string' ? exactly(value) : undefined),
  boolean: (value) => (typeof value === 'boolean' ? exactly(value) : undefined),
  timestamp: (value) => {
    const timestamp = typeof value === 'string' ? parseTimestamp(value) : undefined;
    return timestamp && { value: timestamp.date, exact: timestamp.exact };
  },
  integer: (value, source) => {
    if (!isNumber(value)) return undefined;
    const text = source(value);
    const whole = /^(-?\d+)(?:\.0+)?$/.exec(text)?.[1];
    if (whole === undefined) return undefined;
    const integer = BigInt(whole);
    return integer >= minInt64 && integer <= maxInt64 ? exactly(integer) : undefined;
  },
  number: (value, source) => {
    if (!isNumber(value)) return undefined;
    const number = Number(source(value));
    if (!Number.isFinite(number)) return undefined;
    return { value: number, exact: !isRaw(value) || isSameNumber(number, source(value)) };
  },
  string_list: (value) => (Array.isArray(value) && value.every((one) => typeof one === 'string') ? exactly(value) : undefined),
  json: (value) => exactly(JSON.stringify(value)),
};

function exactly<T>(value: T): Fit<T> {
  return { value, exact: true };
}

function isRaw(value: unknown): boolean {
  return JSON.isRawJSON(value);
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || isRaw(value);
}

/** Whether a double says the same as a long integer's text. */
function isSameNumber(number: number, text: string): boolean {
  return /^-?\d+$/.test(text) && Number.isInteger(number) && BigInt(number) === BigInt(text);
}
