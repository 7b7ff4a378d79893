import type { ColumnType, ColumnValues } from '../../contract/column-types.ts';
import { isSameDecimal } from './decimal-text.ts';
import { encodeId } from './row-ids.ts';
import { parseDay, parseTimestamp } from './timestamps.ts';

/** A value that fits its column. `exact` is false if the column cannot express all that the API sent. */
interface Fit<T = ColumnValues[ColumnType]> {
  readonly value: T;
  readonly exact: boolean;
}

/**
 * Converts a JSON value to a column's value, or returns undefined if it does not fit.
 * @param value from JSON.parse, not null
 * @param text returns the value as the API wrote it; costs a scan, so it is called only if the parsed value may have
 * lost something
 */
type Parser<T> = (value: unknown, text: () => string) => Fit<T> | undefined;

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
/** A signed 64-bit integer has at most 19 digits and a sign. JSON allows no leading zeros. */
const longestDigits = 20;
/** An integer without an exponent: `5` and `5.0`, but not `5e0`. */
const integerPattern = /^(-?\d+)(?:\.0+)?$/;

/** An id: a string, encoded so that no two ids become the same, or the text of a number. */
export const parseId: Parser<string> = (value, text) => {
  if (typeof value === 'number') return { value: text(), exact: true };
  if (typeof value !== 'string') return undefined;
  const id = encodeId(value);
  return { value: id, exact: id === value };
};

export const columnParsers: { readonly [T in ColumnType]: Parser<ColumnValues[T]> } = {
  string: (value) => (typeof value === 'string' ? wellFormed(value) : undefined),
  boolean: (value) => (typeof value === 'boolean' ? { value, exact: true } : undefined),
  timestamp: (value) => {
    const timestamp = typeof value === 'string' ? parseTimestamp(value) : undefined;
    return timestamp && { value: timestamp.date, exact: timestamp.exact };
  },
  date: (value) => {
    const day = typeof value === 'string' ? parseDay(value) : undefined;
    return day && { value: day, exact: true };
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

/** Half a surrogate pair cannot be written as UTF-8. In a column it becomes U+FFFD, which is not what the API sent. */
function wellFormed(value: string): Fit<string> {
  return value.isWellFormed() ? { value, exact: true } : { value: value.toWellFormed(), exact: false };
}
