import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { causesOf, tablesText } from '../../lambdas/core/runs/causes.ts';
import { isWholeNight, leftOutOf, standingNight } from '../../lambdas/core/runs/last-night.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { incompleteNight } from '../../lambdas/core/runs/night-words.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { isNotDue } from '../../lambdas/core/runs/not-due.ts';
import { type NeedsFacts, needsOf } from './needs.ts';
import type { FreshnessFacts } from './freshness-lines.ts';
import { type SolvedFacts, unsolvedFailures } from './solved-problems.ts';

export interface VerdictFacts extends SolvedFacts, FreshnessFacts, NeedsFacts {
  readonly workspace: string;
  readonly isPaused: boolean;
  /** Whether nothing needs a person. The exit status of the command says the same. */
  readonly isWell: boolean;
  /** What a forgetting leaves to a person, as long as its rows are remembered. */
  readonly remembered?: string | undefined;
  readonly underWay?: readonly { readonly runId: string }[];
  /** The command that resumes an interrupted run. Set only if no process runs the pipeline. */
  readonly resumeCommand?: string | undefined;
}

/** The first line of the status: a run that was interrupted, how the last night ended, and what needs a person. */
export function verdict(facts: VerdictFacts): string {
  const night = standingNight(facts.runs);
  return `Workspace ${facts.workspace}: ${facts.isPaused ? 'paused' : 'on'}. ${interruption(facts)}${night ? ofNight(night, facts) : ofNone(facts)}.`;
}

function interruption({ underWay: [run] = [], resumeCommand }: VerdictFacts): string {
  return run && resumeCommand !== undefined
    ? `The run ${run.runId} was interrupted: ${resumeCommand} takes it up. `
    : '';
}

function ofNone(facts: VerdictFacts): string {
  const needs = needsOf(facts);
  return `No night has ended yet${needs.length === 0 ? '' : `. This needs you: ${needs.join(', ')}`}`;
}

function ofNight(night: RunReport, facts: VerdictFacts): string {
  const incomplete = incompleteNight(night);
  const needs = needsOf(facts);
  if (incomplete !== undefined) {
    const causes = causesOf(night, streams).map(
      ({ problem, tables }) => `${problem} (${tablesText(night, tables, foldedList)})`,
    );
    const why = causes.length === 0 ? incomplete : `${incomplete}: ${causes.join(', ')}`;
    return needs.length === 0 ? why : `${why}. This needs you too: ${needs.join(', ')}`;
  }
  const read = wordsOfComplete(night, facts);
  const failed = unsolvedFailures(facts).map(({ runId }) => runId);
  const unsolved = failed.length === 0 ? [] : [`the failure of ${foldedList(failed)} is not solved`];
  const rest = needs.length === 0 ? [] : [`this needs you: ${needs.join(', ')}`];
  if (unsolved.length + rest.length > 0) return `${read}, but ${[...unsolved, ...rest].join(', and ')}`;
  if (facts.isWell) return `${read}, and nothing needs you${exception(night, facts)}`;
  return interruption(facts) === '' ? 'Something needs you' : read;
}

/** What a night read in which no table is incomplete: not every table, if some are switched off or were not due. */
function wordsOfComplete(night: RunReport, facts: VerdictFacts): string {
  if (!isWholeNight(night)) return 'The last run read every table that was asked for';
  const { switchedOff, beingRead } = leftOutOf(night, facts.allTables, facts.beingRead);
  const isAllDue = beingRead.length === 0 && !Object.values(night.tables).some(isNotDue);
  const which = [...(switchedOff.length === 0 ? [] : ['is switched on']), ...(isAllDue ? [] : ['was due'])];
  return `The last night read every table${which.length === 0 ? '' : ` that ${which.join(' and ')}`}`;
}

/** What a person has to see to although nothing is wrong. */
function exception({ unappliedPersonalData, formerColumns = [] }: RunReport, { remembered }: VerdictFacts): string {
  const wantsRehash = unappliedPersonalData !== undefined || formerColumns.some((column) => column.wantsRehash);
  const left = [
    ...(remembered === undefined ? [] : ['what a forgetting leaves to you']),
    ...(wantsRehash ? ['ops rehash: values from before do not follow personalData'] : []),
  ];
  return left.length === 0 ? '' : ` but ${left.join(', and ')}`;
}
