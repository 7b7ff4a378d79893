/** Finds the columns in which two versions of a row differ. Gives names of columns, never a value. */

import { hash } from 'node:crypto';
import type { ColumnValue } from '../../lambdas/contract/column-types.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';

/** The columns that hold what the API gave, without the key, which two versions of a row share. */
export function contentColumns({ key, columns }: Stream): string[] {
  return [...Object.keys(columns), '_extra'].filter((name) => !key.includes(name));
}

/** The fingerprint of a column that a row does not have. */
const absent = 0;

/**
 * A number for the value of each column, so that many rows fit in memory. Two different values have the same number
 * once in 2³² pairs.
 */
export function fingerprintsOf(row: Readonly<Record<string, ColumnValue>>, columns: readonly string[]): Uint32Array {
  return Uint32Array.from(columns, (name) => {
    const value = row[name];
    return value === undefined ? absent : hash('sha256', textOf(value), 'buffer').readUInt32LE() || 1;
  });
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
