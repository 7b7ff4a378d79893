import type { PipelineState } from '../../lambdas/contract/pipeline-state.ts';
import type { ProblemName } from '../../lambdas/contract/problems.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { standingRejections } from '../../lambdas/core/runs/standing-rejected.ts';
import { standingUnfit } from '../../lambdas/core/runs/standing-unfit.ts';
import type { RefusedStart } from '../../local/run/refused-start.ts';
import { standingNight } from '../../lambdas/core/runs/last-night.ts';
import { isOftenRejected } from '../../local/cli/summary.ts';

export interface NeedsFacts {
  /** The last runs that have ended, newest first. */
  readonly runs: readonly RunReport[];
  /** Deletions that runs have held back and that nothing has settled since. */
  readonly held?: PipelineState['held'];
  /** Rows that runs have rejected, and whether they were read again since. */
  readonly rejected?: PipelineState['rejected'];
  readonly queues: readonly { readonly deadLetters: number }[];
  /** Number of scheduled invocations that failed. */
  readonly missedRuns: number;
  readonly missingNight?: object | undefined;
  /** Set if the last command on a folder was refused, because its key belongs to another workspace. */
  readonly refusedStart?: RefusedStart | undefined;
}

/** What needs a person besides the tables that the last night left incomplete, each with its name in the runbook. */
export function needsOf(facts: NeedsFacts): string[] {
  return [
    ...(facts.refusedStart === undefined ? [] : ['a key of another workspace']),
    ...neededProblems(facts).map(({ problem, tables }) =>
      tables.length === 0 ? problem : `${problem} (${foldedList(tables)})`,
    ),
  ];
}

/** The same problems, with the tables that have them, for callers that need the names alone. */
export function neededProblems({
  runs,
  held = {},
  rejected,
  queues,
  missedRuns,
  missingNight,
}: NeedsFacts): { readonly problem: ProblemName; readonly tables: readonly string[] }[] {
  const night = standingNight(runs);
  const rejecting = Object.entries(night?.tables ?? {}).flatMap(([name, table]) =>
    !table.error && isOftenRejected(table) ? [name] : [],
  );
  const standing = standingRejections(rejected).flatMap(({ tables }) => tables);
  const needs: readonly (readonly [ProblemName, boolean, readonly string[]])[] = [
    ['RunMissing', missingNight !== undefined, []],
    ...ofTables('ForgottenStillGiven', night?.forgotten?.stillGiven ? (night.forgotten.stillGivenIn ?? []) : []),
    ...ofTables(
      'DeletionsHeld',
      Object.keys(held).filter((table) => held[table]?.runId !== night?.runId),
    ),
    ...ofTables(
      'ValuesDoNotFit',
      standingUnfit(runs).map(({ table }) => table),
    ),
    ...ofTables('RowsRejected', [
      ...rejecting,
      ...standing.filter((name) => night?.tables[name]?.error?.code !== 'all_rejected'),
    ]),
    ['DeadLetters', missedRuns > 0 || queues.some(({ deadLetters }) => deadLetters > 0), []],
  ];
  return needs.filter(([, isNeeded]) => isNeeded).map(([problem, , tables]) => ({ problem, tables }));
}

function ofTables(name: ProblemName, tables: readonly string[]) {
  const each = [...new Set(tables)];
  return [[name, each.length > 0, each]] as const;
}
