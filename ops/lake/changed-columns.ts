/** Finds the columns in which two versions of a row differ. Gives names of columns, never a value. */

import { hash } from 'node:crypto';
import type { ColumnValue } from '../../lambdas/contract/column-types.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';

/** The columns that hold what the API gave, without the key, which two versions of a row share. */
export function contentColumns({ key, columns }: Stream): string[] {
  return [...Object.keys(columns), '_extra'].filter((name) => !key.includes(name));
}

/**
 * A number for the value of each column, so that many rows fit in memory. Two different values have the same number
 * once in 2³² pairs.
 */
export function fingerprintsOf(
  row: Readonly<Record<string, ColumnValue | undefined>>,
  columns: readonly string[],
): Uint32Array {
  return Uint32Array.from(columns, (name) => hash('sha256', textOf(row[name] ?? null), 'buffer').readUInt32LE());
}

/** @param columns the columns of both fingerprints, in order */
export function changedColumns(columns: readonly string[], one: Uint32Array, other: Uint32Array): string[] {
  return columns.filter((_, at) => one[at] !== other[at]);
}

function textOf(value: ColumnValue): string {
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}
