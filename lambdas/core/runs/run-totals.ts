import type { RunReport, TableReport } from '../../contract/run-report.ts';

/** Counts of a run, over all of its tables. */
export function totalsOf({ tables, planning }: Pick<RunReport, 'tables' | 'planning'>) {
  const sum = (of: (table: TableReport) => number) =>
    Object.values(tables).reduce((total, table) => total + of(table), 0);
  return {
    rows: sum(({ rowsWritten }) => rowsWritten),
    changed: sum(({ rowsChanged }) => rowsChanged),
    deleted: sum(({ rowsDeleted }) => rowsDeleted),
    healed: sum(({ rowsHealed }) => rowsHealed),
    rejected: sum(({ rowsRejected }) => rowsRejected),
    /** Rejected rows for which the API gives no key. */
    keyless: sum(({ rowsKeyless = 0 }) => rowsKeyless),
    suspected: sum(({ rowsSuspected }) => rowsSuspected),
    requests: sum(({ requests }) => requests) + (planning?.requests ?? 0),
    retries: sum(({ retries }) => retries) + (planning?.retries ?? 0),
  };
}
