import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { incompleteNight } from '../../lambdas/core/runs/night-words.ts';
import { isNotDue } from '../../local/cli/summary.ts';
import { type FreshnessFacts, notReadBy } from './freshness-lines.ts';
import { type SolvedFacts, unsolvedFailures } from './solved-problems.ts';

export interface VerdictFacts extends SolvedFacts, FreshnessFacts {
  readonly workspace: string;
  readonly isPaused: boolean;
  /** Whether nothing needs a person. The exit status of the command says the same. */
  readonly isWell: boolean;
}

/** The first line of the status: how the last night ended, and whether something needs a person. */
export function verdict(facts: VerdictFacts): string {
  const night = facts.runs.find(({ kind }) => kind === 'nightly');
  const words = night ? (incompleteNight(night) ?? completeNight(night, facts)) : 'No night has ended yet';
  return `Workspace ${facts.workspace}: ${facts.isPaused ? 'paused' : 'on'}. ${words}.`;
}

function completeNight(night: RunReport, facts: VerdictFacts): string {
  const isWhole = notReadBy(night, facts.readUpTo).length === 0 && !Object.values(night.tables).some(isNotDue);
  const read = `The last night read every table${isWhole ? '' : ' that was due'}`;
  const failed = unsolvedFailures(facts).map(({ runId }) => runId);
  if (failed.length > 0) return `${read}, but the failure of ${foldedList(failed)} is not solved`;
  return facts.isWell ? `${read}, and nothing needs you` : 'Something needs you';
}
