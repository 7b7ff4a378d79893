/** Something that one run has left to a person, and that nothing has settled since. */
export interface LeftByRun {
  readonly runId: string;
  /** When the run began. */
  readonly at: string;
  readonly tables: readonly string[];
  readonly message: string;
}

type Tables<Found> = readonly (readonly [table: string, found: Found])[];

/** What is left of each run. @param messageOf what to tell of the run's tables */
export function leftByRuns<Found extends Pick<LeftByRun, 'runId' | 'at'>>(
  found: Tables<Found>,
  messageOf: (tables: Tables<Found>, runId: string) => string,
): LeftByRun[] {
  return [...Map.groupBy(found, ([, { runId }]) => runId)].map(([runId, tables]) => ({
    runId,
    at: tables[0]?.[1].at ?? '',
    tables: tables.map(([table]) => table),
    message: messageOf(tables, runId),
  }));
}
