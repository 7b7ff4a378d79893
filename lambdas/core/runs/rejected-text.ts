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

/** How many rows of a run were rejected, and for how many of them the API gives no key. */
export interface RejectedRows {
  readonly rejected: number;
  /** @default 0 */
  readonly keyless?: number | undefined;
}

/** Whether another version may read some of the rows: it can read none for which the API gives no key. */
export function isReplayable({ rejected, keyless = 0 }: RejectedRows): boolean {
  return keyless < rejected;
}

/** What to do about rows for which the API gives no key; empty if there are none. */
export function keylessAdvice({ rejected, keyless = 0 }: RejectedRows): string {
  if (keyless === 0) return '';
  return keyless < rejected
    ? `For ${number(keyless)} of the ${number(rejected)} the API gives no key: report that to the vendor.`
    : 'The API gives no key for them, so there is nothing to replay: report it to the vendor.';
}
