import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { UnfitColumn } from '../../lambdas/contract/unfit-columns.ts';

/**
 * The columns whose values do not fit, as the newest night and the runs after it know them. A night knows those of all
 * tables, a backfill those of the tables that it read, and any other run only those that it met itself.
 * @param runs newest first
 */
export function standingUnfit(runs: readonly RunReport[]): UnfitColumn[] {
  const lastNight = runs.findIndex(({ kind }) => kind === 'nightly');
  let standing: UnfitColumn[] = [];
  for (const { kind, tables, unfitColumns = [] } of runs
    .slice(0, lastNight === -1 ? undefined : lastNight + 1)
    .toReversed()) {
    const isKnownAnew = ({ table, column }: UnfitColumn) =>
      (kind === 'backfill' && tables[table] !== undefined) ||
      unfitColumns.some((one) => one.table === table && one.column === column);
    standing = [...standing.filter((one) => !isKnownAnew(one)), ...unfitColumns];
  }
  return standing;
}
