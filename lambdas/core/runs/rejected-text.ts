import type { RunReport } from '../../contract/run-report.ts';
import { number } from './counted.ts';

/** Ends a sentence that begins with the rejected rows: it says why they were rejected, and where to look. */
export const noUsableKey = 'have no usable key. The table rejected_rows says why.';

/**
 * The tables with rejected rows, each such as `jobs 3 of 200`. Left out are those of which every row was rejected: their
 * error says so.
 */
export function rejectedCounts(tables: RunReport['tables']): string[] {
  return Object.entries(tables).flatMap(([name, { rowsRejected, rowsExtracted, error }]) =>
    rowsRejected > 0 && error?.code !== 'all_rejected'
      ? [`${name} ${number(rowsRejected)} of ${number(rowsExtracted)}`]
      : [],
  );
}

export function rejectedTables(tables: RunReport['tables']): string[] {
  return Object.keys(tables).filter((name) => (tables[name]?.rowsRejected ?? 0) > 0);
}
