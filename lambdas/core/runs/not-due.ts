import type { TableReport } from '../../contract/run-report.ts';

/** Whether a run got nothing of a table because it could not read it, or had no time left for it. */
export function isUnread({ status, rowsWritten, rowsRejected, error }: TableReport): boolean {
  return rowsWritten + rowsRejected === 0 && (status === 'failed' || error?.code === 'unfinished');
}

/** Whether a run had nothing to ask for a table: no row of its parent was due. */
export function isNotDue(table: TableReport): boolean {
  return table.requests === 0 && table.rowsWritten + table.rowsRejected === 0 && !isUnread(table);
}
