import type { RunReport } from '../../contract/run-report.ts';
import type { UnfitColumn } from '../../contract/unfit-columns.ts';

/** What a run knows about values that do not fit. */
interface Knowing extends Pick<RunReport, 'kind' | 'unfitColumns'> {
  /** The tables that it read, as a list or as the keys of their reports. */
  readonly tables: readonly string[] | Readonly<Record<string, unknown>>;
}

/**
 * The columns whose values do not fit, as the newest night and the runs after it know them. A night knows those of all
 * tables, a backfill those of the tables that it read, and any other run only those that it met itself.
 * @param runs newest first
 */
export function standingUnfit(runs: readonly Knowing[]): UnfitColumn[] {
  const lastNight = runs.findIndex(({ kind }) => kind === 'nightly');
  let standing: UnfitColumn[] = [];
  for (const { kind, tables, unfitColumns = [] } of runs
    .slice(0, lastNight === -1 ? undefined : lastNight + 1)
    .toReversed()) {
    const read = new Set(Array.isArray(tables) ? tables : Object.keys(tables));
    const isKnownAnew = ({ table, column }: UnfitColumn) =>
      (kind === 'backfill' && read.has(table)) ||
      unfitColumns.some((one) => one.table === table && one.column === column);
    standing = [...standing.filter((one) => !isKnownAnew(one)), ...unfitColumns];
  }
  return standing;
}
