/** What the status of a workspace comes to, for a program. */

import type { ProblemName } from '../../lambdas/contract/problems.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { causesOf } from '../../lambdas/core/runs/causes.ts';
import { standingNight } from '../../lambdas/core/runs/last-night.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { isOftenRejected } from '../../local/cli/summary.ts';
import { neededProblems } from './needs.ts';
import { isSolved, unsolvedFailures } from './solved-problems.ts';
import { verdict, type VerdictFacts } from './verdict.ts';

export interface JudgedFacts extends Omit<VerdictFacts, 'isWell'> {
  readonly now: Date;
  readonly underWay?: readonly { readonly runId: string; readonly deadline: string }[];
  /** One line for each object that cannot be read. */
  readonly unreadable: readonly string[];
  /** What to do about a rewrite that is under way or was interrupted, if there is one. */
  readonly unfinishedRewrite?: string | undefined;
}

/** A section of the runbook, or a name that its section about folders gives to what needs a person. */
export type NeededName = ProblemName | 'FileDamaged' | 'KeyOfAnotherWorkspace' | 'RewriteUnfinished' | 'RunInterrupted';

/** @param ended a run that may be too old to be among those of the facts */
export function judgment(facts: JudgedFacts & Pick<VerdictFacts, 'isWell'>, ended?: RunReport) {
  return {
    /** The first line of the status. */
    verdict: verdict(facts),
    needs: [...new Set([...neededNames(facts), ...(ended ? namesIn(ended) : [])])],
  };
}

/** The name of everything that needs a person, each once. Empty exactly if the exit status is 0. */
export function neededNames(facts: JudgedFacts): NeededName[] {
  const { runs, now, underWay = [], resumeCommand, unreadable, unfinishedRewrite, refusedStart, held = {} } = facts;
  const night = standingNight(runs);
  // Nothing takes up a run of a folder but a person or their scheduler.
  const isInterrupted = resumeCommand !== undefined && underWay.length > 0;
  const isOverdue = underWay.some(({ deadline }) => Date.parse(deadline) < now.getTime());
  const names: NeededName[] = [
    ...(isInterrupted ? (['RunInterrupted'] as const) : []),
    ...(isOverdue ? (['WorkWaits'] as const) : []),
    ...(refusedStart === undefined ? [] : (['KeyOfAnotherWorkspace'] as const)),
    ...(night ? namesIn(night) : []),
    ...(Object.keys(held).length === 0 ? [] : (['DeletionsHeld'] as const)),
    ...unsolvedFailures(facts).flatMap((run) => incompleteNames(run, (cause) => !isSolved(cause, run, facts))),
    ...neededProblems(facts).map(({ problem }) => problem),
    ...(unreadable.length === 0 ? [] : (['FileDamaged'] as const)),
    ...(unfinishedRewrite === undefined ? [] : (['RewriteUnfinished'] as const)),
  ];
  return [...new Set(names)];
}

/** What a run itself leaves to a person, but for values that do not fit: later runs know better whether those stand. */
function namesIn(run: RunReport): ProblemName[] {
  return [
    ...incompleteNames(run),
    ...(Object.values(run.tables).some(isOftenRejected) ? (['RowsRejected'] as const) : []),
    ...((run.forgotten?.stillGiven ?? 0) > 0 ? (['ForgottenStillGiven'] as const) : []),
  ];
}

function incompleteNames(
  run: RunReport,
  isMeant: (cause: ReturnType<typeof causesOf>[number]) => boolean = () => true,
): ProblemName[] {
  if (run.status === 'complete') return [];
  const causes = causesOf(run, streams);
  if (causes.length === 0) return [run.status === 'failed' ? 'RunFailed' : 'RunPartial'];
  return causes.filter(isMeant).map(({ problem }) => problem);
}
