import type { PipelineState } from '../../lambdas/contract/pipeline-state.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { type Cause, causesOf, tablesText } from '../../lambdas/core/runs/causes.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { runError } from '../../lambdas/core/runs/run-error.ts';
import { streams } from '../../lambdas/streams/registry.ts';

/**
 * Whether no table of a cause has the same problem in the newest later night that read it. A night goes on where the one
 * before stopped. A night that failed as a whole says nothing about the tables, nor does a night about another kind of
 * run: what a backfill did not read, no night has to read. A night that reads only changes cannot meet DeletionsHeld: that
 * stands until the pipeline's state says otherwise.
 */
export function isSolved(
  { problem, tables }: Cause,
  run: RunReport,
  runs: readonly RunReport[],
  held: PipelineState['held'],
): boolean {
  if (run.kind !== 'nightly') return false;
  // Without a record, nobody knows whether a later night could have met it.
  if (problem === 'DeletionsHeld' && (!held || tables.some((table) => held[table]))) return false;
  const later = runs.filter((one) => one.kind === 'nightly' && one.startedAt > run.startedAt && !runError(one));
  return tables.every((table) => {
    const newest = later.find((one) => one.tables[table] !== undefined);
    return newest && !causesOf(newest, streams).some((one) => one.problem === problem && one.tables.includes(table));
  });
}

/**
 * One line for all problems of earlier nights that are solved, or nothing.
 * @param runs newest first
 */
export function solvedText(runs: readonly RunReport[], held: PipelineState['held']): string | undefined {
  const solved = new Map<string, string[]>();
  for (const run of runs) {
    for (const cause of causesOf(run, streams).filter((each) => isSolved(each, run, runs, held))) {
      const text = `${cause.problem} (${tablesText(run, cause.tables, foldedList)})`;
      solved.set(text, [...(solved.get(text) ?? []), run.runId]);
    }
  }
  if (solved.size === 0) return undefined;
  const parts = [...solved].map(([text, [first = '', ...more]]) =>
    more.length === 0 ? `${text} in ${first}` : `${text} in ${more.length + 1} nights, last in ${first}`,
  );
  return `Solved since, because later nights did not meet it again: ${parts.join('; ')}.`;
}
