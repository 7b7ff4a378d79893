/** Keys of rows. As in Iceberg's bounds, text is compared by its UTF-8 bytes and integers by value. */

import type { ColumnValue } from '../../contract/column-types.ts';
import { compareText } from '../iceberg/bounds.ts';
import type { RowColumns } from '../iceberg/data-file.ts';

type KeyPart = string | bigint;
/** The key of one row: one part per key column. */
export type Key = readonly KeyPart[];
/** Keys of many rows: one array per key column. */
export type KeyColumns = readonly (readonly KeyPart[])[];

function compareParts(one: KeyPart, other: KeyPart): number {
  if (typeof one === 'string' && typeof other === 'string') return compareText(one, other);
  return one < other ? -1 : Number(one > other);
}

/** Compares two keys. A key that is a prefix of the other sorts first. */
export function compareKeys(one: Key, other: Key): number {
  for (const [at, part] of one.entries()) {
    const against = other[at];
    if (against === undefined) return 1;
    const order = compareParts(part, against);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

/** Like {@link compareKeys}, for two rows and without allocating their keys. */
export function compareRows(one: KeyColumns, row: number, other: KeyColumns, otherRow: number): number {
  for (let at = 0; at < one.length; at += 1) {
    const part = one[at]?.[row];
    const against = other[at]?.[otherRow];
    if (part === undefined || against === undefined) throw new RangeError(noSuchRow);
    const order = compareParts(part, against);
    if (order !== 0) return order;
  }
  return 0;
}

const noSuchRow = 'A key column has fewer rows than the table';

export function keyAt(columns: KeyColumns, row: number): Key {
  return columns.map((column) => {
    const part = column[row];
    if (part === undefined) throw new RangeError(noSuchRow);
    return part;
  });
}

/**
 * The key columns among the columns of rows.
 * @throws TypeError if a key column holds anything but text or integers
 */
export function keyColumns(rows: RowColumns, names: readonly string[]): KeyColumns {
  return names.map((name) => {
    const column = rows[name] ?? [];
    if (!isKeyColumn(column)) throw new TypeError(`Key column ${name} holds a value that cannot be a key.`);
    return column;
  });
}

function isKeyColumn(values: readonly ColumnValue[]): values is readonly KeyPart[] {
  return values.every((value) => typeof value === 'string' || typeof value === 'bigint');
}

/** A key as text, for maps and JSON: a JSON array of strings. */
export function keyJson(key: Key): string {
  return JSON.stringify(keyTexts(key));
}

export function keyTexts(key: Key): string[] {
  return key.map(String);
}

/** The reverse of {@link keyTexts}. @param isInteger for each key column: whether it holds integers */
export function parseKey(texts: readonly string[], isInteger: readonly boolean[]): Key {
  return texts.map((text, at) => (isInteger[at] === true ? BigInt(text) : text));
}
