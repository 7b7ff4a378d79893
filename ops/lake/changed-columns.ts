/** Finds the columns in which two versions of a row differ. Gives names of columns, never a value. */

import { hash } from 'node:crypto';
import { type Columns, type ColumnValue, columnsByField } from '../../lambdas/contract/column-types.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { columnParsers } from '../../lambdas/core/rows/column-parsers.ts';
import { membersOf } from '../../lambdas/core/rows/json-slices.ts';

/** The columns that hold what the API gave, without the key, which two versions of a row share. */
export function contentColumns({ key, columns }: Stream): string[] {
  return [...Object.keys(columns), '_extra'].filter((name) => !key.includes(name));
}

type Row = Readonly<Record<string, ColumnValue>>;

/** The fingerprint of a column that a row does not have. */
const absent = 0;

/**
 * A number for the value of each column, so that many rows fit in memory. Two different values have the same number
 * once in 2³² pairs. A field in `_extra` that has a column counts as a value of that column: a field that moves from
 * `_extra` to a new column did not change.
 */
export function fingerprintsOf(stream: Stream, row: Row, columns: readonly string[]): Uint32Array {
  const { moved, rest } = extraOf(stream, row['_extra']);
  return Uint32Array.from(columns, (name) => {
    const value = name === '_extra' ? rest : moved.has(name) ? moved.get(name) : row[name];
    return value === undefined ? absent : hash('sha256', textOf(value), 'buffer').readUInt32LE() || 1;
  });
}

/**
 * Splits `_extra` into the fields that have a column, by column, and the rest. A field that is null there has no known
 * value: `personalData` keeps only the names of fields.
 */
function extraOf({ columns }: Stream, extra: ColumnValue | undefined) {
  const moved = new Map<string, ColumnValue | undefined>();
  if (typeof extra !== 'string') return { moved, rest: extra };
  const texts = membersOf(extra);
  for (const [field, names] of columnsByField(columns)) {
    const text = texts.get(field);
    if (text === undefined) continue;
    texts.delete(field);
    const value: unknown = JSON.parse(text);
    if (value === null) for (const name of names) moved.set(name, undefined);
    else moved.set(...placeOf(value, text, names, columns));
  }
  const rest = [...texts].map(([field, text]) => `${JSON.stringify(field)}:${text}`).join(',');
  return { moved, rest: rest === '' ? null : rest };
}

/** The first of the columns that a value fits, with the value as it holds it; if it fits none, the first with its text. */
function placeOf(
  value: unknown,
  text: string,
  names: readonly string[],
  columns: Columns,
): [column: string, value: ColumnValue] {
  for (const name of names) {
    const type = columns[name]?.type;
    const fit = type && columnParsers[type](value, () => text);
    if (fit) return [name, fit.exact ? fit.value : text];
  }
  return [names[0] ?? '', text];
}

/**
 * The columns that both rows have with different values.
 * @param columns the columns of both fingerprints, in order
 */
export function changedColumns(columns: readonly string[], one: Uint32Array, other: Uint32Array): string[] {
  return columns.filter((_, at) => one[at] !== absent && other[at] !== absent && one[at] !== other[at]);
}

function textOf(value: ColumnValue): string {
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}
