import type { RunReport } from '../../contract/run-report.ts';
import type { UnfitColumn } from '../../contract/unfit-columns.ts';
import { sinceWholeNight } from './last-night.ts';

/** What a run knows about values that do not fit. */
interface Knowing extends Pick<RunReport, 'kind' | 'requestedStreams' | 'unfitColumns'> {
  /** The tables that it read, as a list or as the keys of their reports. */
  readonly tables: readonly string[] | Readonly<Record<string, unknown>>;
}

/**
 * The columns whose values do not fit, as the newest whole night and the runs after it know them. A whole night knows those
 * of all tables, a nightly run of some tables or a backfill those of the tables that it read, and any other run only those
 * that it met itself.
 * @param runs newest first
 */
export function standingUnfit(runs: readonly Knowing[]): UnfitColumn[] {
  let standing: UnfitColumn[] = [];
  for (const { kind, tables, unfitColumns = [] } of sinceWholeNight(runs).toReversed()) {
    const read = new Set(Array.isArray(tables) ? tables : Object.keys(tables));
    const isKnownAnew = ({ table, column }: UnfitColumn) =>
      ((kind === 'backfill' || kind === 'nightly') && read.has(table)) ||
      unfitColumns.some((one) => one.table === table && one.column === column);
    standing = [...standing.filter((one) => !isKnownAnew(one)), ...unfitColumns];
  }
  return standing;
}
