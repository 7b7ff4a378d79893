import type { RunReport } from '../../contract/run-report.ts';
import type { RunStatus } from '../../contract/run-status.ts';

type Kind = Pick<RunReport, 'kind' | 'requestedStreams'>;

/** Whether a run is a night of all tables of the configuration, and not only of tables that a request named. */
export function isWholeNight({ kind, requestedStreams }: Kind): boolean {
  return kind === 'nightly' && requestedStreams === undefined;
}

/**
 * The tables that a run did not read: another run is still reading them, or they are switched off. After a run that is
 * no whole night, `switchedOff` are those that nobody asked for.
 * @param underWay the tables that other runs are reading
 */
export function leftOutOf(
  { tables }: Pick<RunReport, 'tables'>,
  all: readonly string[],
  underWay: readonly string[] = [],
): { readonly switchedOff: readonly string[]; readonly beingRead: readonly string[] } {
  const left = all.filter((table) => !(table in tables));
  const isBeingRead = (table: string) => underWay.includes(table);
  return { switchedOff: left.filter((table) => !isBeingRead(table)), beingRead: left.filter(isBeingRead) };
}

/** The newest whole night and the runs after it; all runs if there is none. @param runs newest first */
export function sinceWholeNight<Run extends Kind>(runs: readonly Run[]): readonly Run[] {
  const night = runs.findIndex(isWholeNight);
  return runs.slice(0, night === -1 ? undefined : night + 1);
}

/**
 * The last night as it stands: the newest whole night, with the tables of the nightly runs after it that a request
 * restricted. If there is no whole night, the newest run with the tables of the others. Status, page and exit status
 * judge by it, so a table that could not be read stays a problem until a nightly run has read it.
 * @param runs newest first
 */
export function standingNight(runs: readonly RunReport[]): RunReport | undefined {
  const nights = sinceWholeNight(runs).filter(({ kind }) => kind === 'nightly');
  return nights.toReversed().reduce<RunReport | undefined>((night, run) => nightWith(night, run), undefined);
}

/** The standing night after another nightly run. @param readLater tables that still later nightly runs have read */
export function nightWith(
  night: RunReport | undefined,
  run: RunReport,
  readLater: ReadonlySet<string> = new Set(),
): RunReport {
  if (!night) return run;
  const isNewer = run.startedAt >= night.startedAt;
  if (isWholeNight(night) && !isNewer) return night;
  const isKept = isWholeNight(run) ? (name: string) => readLater.has(name) : () => true;
  const tables = {
    ...only(night.tables, isKept),
    ...only(run.tables, (name) => !readLater.has(name)),
  };
  const base = isWholeNight(run) || (isNewer && !isWholeNight(night)) ? run : night;
  const isOfRun = ({ table }: { readonly table: string }) => run.tables[table] !== undefined && !readLater.has(table);
  const unfitColumns = [
    ...(night.unfitColumns ?? []).filter((column) => column.table in tables && !isOfRun(column)),
    ...(run.unfitColumns ?? []).filter(isOfRun),
  ];
  // Each run knows this of all tables.
  const { forgotten } = isNewer ? run : night;
  return { ...base, tables, status: statusOf(tables), unfitColumns, forgotten };
}

function only<T>(tables: Readonly<Record<string, T>>, isMeant: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(tables).filter(([name]) => isMeant(name)));
}

function statusOf(tables: RunReport['tables']): RunStatus {
  const statuses = Object.values(tables).map(({ status }) => status);
  if (statuses.every((status) => status === 'complete')) return 'complete';
  return statuses.every((status) => status === 'failed') ? 'failed' : 'partial';
}
