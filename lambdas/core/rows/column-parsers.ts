import type { ColumnType, ColumnValues } from '../../contract/column-types.ts';
import { isSameDecimal } from './decimal-text.ts';
import { keyText } from './row-ids.ts';
import { parseTimestamp } from './timestamps.ts';

/** A value that fits its column; `exact` is false where the column cannot say all that the API said. */
interface Fit<T = ColumnValues[ColumnType]> {
  readonly value: T;
  readonly exact: boolean;
}

/**
 * How a JSON value becomes a column's value. `undefined`: it does not fit.
 * @param value as JSON.parse gives it, and not null
 * @param text gives the value as the API wrote it; asked only where that says more than the value, for it costs a scan
 */
type Parser<T> = (value: unknown, text: () => string) => Fit<T> | undefined;

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
/** Of a signed 64-bit integer there are no more than 19 and a sign; zeros before them are no JSON. */
const longestDigits = 20;
/** An integer, written as one: `5` and `5.0`, but not `5e0`. */
const integerPattern = /^(-?\d+)(?:\.0+)?$/;

/** An id: a string without two ids becoming one, or the text of a number. */
export const parseId: Parser<string> = (value, text) => {
  if (typeof value === 'number') return { value: text(), exact: true };
  if (typeof value !== 'string') return undefined;
  const id = keyText(value);
  return { value: id, exact: id === value };
};

export const columnParsers: { readonly [T in ColumnType]: Parser<ColumnValues[T]> } = {
  string: (value) => (typeof value === 'string' ? wellFormed(value) : undefined),
  boolean: (value) => (typeof value === 'boolean' ? { value, exact: true } : undefined),
  timestamp: (value) => {
    const timestamp = typeof value === 'string' ? parseTimestamp(value) : undefined;
    return timestamp && { value: timestamp.date, exact: timestamp.exact };
  },
  integer: (value, text) => {
    const digits = typeof value === 'number' ? integerPattern.exec(text())?.[1] : undefined;
    if (digits === undefined || digits.length > longestDigits) return undefined;
    const integer = BigInt(digits);
    return integer >= minInt64 && integer <= maxInt64 ? { value: integer, exact: true } : undefined;
  },
  number: (value, text) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
    return { value, exact: isSameDecimal(value, text()) };
  },
  string_list: (value) => {
    if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) return undefined;
    const fits = value.map(wellFormed);
    return { value: fits.map((fit) => fit.value), exact: fits.every((fit) => fit.exact) };
  },
  json: (_value, text) => ({ value: text(), exact: true }),
};

/** Half of a surrogate pair has no UTF-8: in a column it becomes U+FFFD, which is not what the API said. */
function wellFormed(value: string): Fit<string> {
  return value.isWellFormed() ? { value, exact: true } : { value: value.toWellFormed(), exact: false };
}
