import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { type Cause, causesOf, tablesText } from '../../lambdas/core/runs/causes.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { streams } from '../../lambdas/streams/registry.ts';

/**
 * Whether a later night has read every table of a cause. A night goes on where the one before stopped, so nothing is
 * missing any more. Nothing is known about the other kinds of runs: what a backfill did not read, no night has to read.
 */
export function isSolved({ tables }: Pick<Cause, 'tables'>, run: RunReport, runs: readonly RunReport[]): boolean {
  if (run.kind !== 'nightly') return false;
  const later = runs.filter(({ kind, startedAt }) => kind === 'nightly' && startedAt > run.startedAt);
  return tables.every((table) => newestOf(table, later) === 'complete');
}

/** How a table ended in the newest of the runs that read it. */
function newestOf(table: string, runs: readonly RunReport[]): string | undefined {
  return runs.find(({ tables }) => tables[table] !== undefined)?.tables[table]?.status;
}

/**
 * One line for all problems of earlier nights that are solved, or nothing.
 * @param runs newest first
 */
export function solvedText(runs: readonly RunReport[]): string | undefined {
  const solved = new Map<string, string[]>();
  for (const run of runs) {
    for (const cause of causesOf(run, streams).filter((each) => isSolved(each, run, runs))) {
      const text = `${cause.problem} (${tablesText(run, cause.tables, foldedList)})`;
      solved.set(text, [...(solved.get(text) ?? []), run.runId]);
    }
  }
  if (solved.size === 0) return undefined;
  const parts = [...solved].map(([text, [first = '', ...more]]) =>
    more.length === 0 ? `${text} in ${first}` : `${text} in ${more.length + 1} nights, last in ${first}`,
  );
  return `Solved, because later nights read these tables: ${parts.join('; ')}.`;
}
