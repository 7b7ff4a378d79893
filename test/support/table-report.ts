import type { TableReport } from '../../lambdas/contract/run-report.ts';

/** A run's report of a table: complete and without errors, except for these fields. */
export function tableReport(fields: Partial<TableReport> = {}): TableReport {
  return {
    status: 'complete',
    rowsExtracted: 3,
    rowsWritten: 3,
    rowsRejected: 0,
    rowsUnchanged: 0,
    rowsChanged: 3,
    rowsHealed: 0,
    rowsDeleted: 0,
    rowsSuspected: 0,
    missing: 0,
    itemsFailed: 0,
    files: 1,
    bytes: 10,
    requests: 2,
    retries: 0,
    error: null,
    notes: [],
    ...fields,
  };
}
