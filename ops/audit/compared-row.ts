import type { ColumnValue } from '../../lambdas/contract/column-types.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { contentDigest } from '../../lambdas/core/rows/rows.ts';
import type { ComparedRow } from './compare-rows.ts';

/** Columns that {@link comparedRow} reads. */
export function comparedColumns({ key, columns }: Stream): string[] {
  return [...key, '_digest', ...['updated_at', 'created_at'].filter((name) => name in columns)];
}

/** The compared parts of a row, which comes from the API (parsed) or from the current table. */
export function comparedRow({ key }: Stream, row: Readonly<Record<string, ColumnValue>>): ComparedRow {
  return {
    key: key.map((name) => {
      const part = row[name];
      return typeof part === 'bigint' ? part : String(part);
    }),
    digest: contentDigest(String(row['_digest'])),
    changedAt: timeOf(row['updated_at']) ?? timeOf(row['created_at']),
  };
}

function timeOf(value: ColumnValue | undefined): number | null {
  return value instanceof Date ? value.getTime() : null;
}
