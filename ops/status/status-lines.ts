/** The state of a workspace as text: what is wrong first, and equal lines folded into one. */

import { durationText, runSeconds } from '../../lambdas/core/runs/duration-text.ts';
import { withFlags } from '../../lambdas/core/runs/commands.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { standingNight } from '../../lambdas/core/runs/last-night.ts';
import { totalsOf } from '../../lambdas/core/runs/run-totals.ts';
import { stillGivenText } from '../../lambdas/core/runs/still-given.ts';
import { clockTime, relativeTime } from '../../local/cli/durations.ts';
import { waitingText } from '../../local/cli/progress-line.ts';
import { paint, type Terminal, wrap } from '../../local/cli/terminal.ts';
import { textTable } from '../../local/cli/text-table.ts';
import { counted, number } from '../../lambdas/core/runs/counted.ts';
import type { UnderWay } from '../lake/run-facts.ts';
import type { ApprovedRows } from './approved-rows.ts';
import { freshnessLines } from './freshness-lines.ts';
import { runNotes } from './run-notes.ts';
import { problem, type StandingFacts, standingLines } from './standing-lines.ts';
import { verdict } from './verdict.ts';
import { workText } from './work-text.ts';

export interface StatusFacts extends StandingFacts {
  readonly underWay: readonly UnderWay[];
  readonly approved: readonly ApprovedRows[];
  /** Number of days that `runs` covers. */
  readonly days: number;
  /** Number of runs of these days that have ended and are not in `runs`. @default 0 */
  readonly moreRuns?: number;
  readonly queues: readonly { readonly name: string; readonly waiting: number; readonly deadLetters: number }[];
  /** Runs that an error stopped and whose tasks may be in the queue. */
  readonly stopped: readonly string[];
  /** The command that sends dead letters again. */
  readonly replayDeadLetters: string;
}

/** The most runs that the status lists. */
export const mostRuns = 500;
const day = 86_400_000;
/** Characters of the id of a nightly run that show its kind and its day. */
const runIdShown = 17;

export function statusLines(facts: StatusFacts, terminal: Terminal): string[] {
  const stillGiven = stillGivenText(standingNight(facts.runs)?.forgotten);
  return [
    ...wrap(verdict(facts), terminal).map((line) => paint(terminal, ['bold', colourOf(facts)], line)),
    ...standingLines(facts, terminal),
    ...(stillGiven === undefined ? [] : problem(withFlags(stillGiven, facts.opsFlags), terminal)),
    ...(facts.remembered === undefined ? [] : wrap(facts.remembered, terminal, '  ')),
    ...facts.approved.flatMap((run) => approvedLines(run, terminal)),
    ...queueLines(facts, terminal),
    ...facts.underWay.flatMap((run) => underWayLines(run, facts, terminal)),
    '',
    ...runLines(facts, terminal),
    '',
    ...freshnessLines(facts, terminal),
  ];
}

function colourOf({ isPaused, isWell }: StatusFacts): 'red' | 'yellow' | 'green' {
  if (!isWell) return 'red';
  return isPaused ? 'yellow' : 'green';
}

/** What a run has deleted because a person approved it, and what of that is back. */
function approvedLines({ runId, tables }: ApprovedRows, terminal: Terminal): string[] {
  const counts = tables.map(({ name, deleted, back }) => {
    const again = back === 0 ? '' : ` (${back === deleted ? 'all' : back.toLocaleString('en-US')} back since)`;
    return `${deleted.toLocaleString('en-US')} ${name}${again}`;
  });
  const isUndone = tables.every(({ deleted, back }) => back === deleted);
  return wrap(
    `Deleted on approval of ${runId}${isUndone ? ', and undone since' : ''}: ${foldedList(counts)}`,
    terminal,
  );
}

function queueLines({ queues, stopped, missedRuns, replayDeadLetters }: StatusFacts, terminal: Terminal): string[] {
  const work = workText(queues.map(({ name, waiting: count }) => ({ name, count })));
  const dead = queues.filter(({ deadLetters }) => deadLetters > 0);
  return [
    ...(dead.length === 0
      ? []
      : problem(
          `Dead letters: ${dead.map(({ name, deadLetters }) => `${name} ${deadLetters}`).join(', ')}. Once the cause is fixed:`,
          terminal,
        ).concat(`    ${replayDeadLetters}`)),
    ...(missedRuns === 0
      ? []
      : problem(`${counted(missedRuns, 'tick')} of a schedule failed: docs/runbook.md, DeadLetters`, terminal)),
    ...(work === ''
      ? ['No work waits in the queues']
      : wrap(`In the queues: ${work}${stoppedText(stopped)}`, terminal)),
  ];
}

function stoppedText(runs: readonly string[]): string {
  return runs.length === 0 ? '' : `. Those of ${foldedList(runs)}, which an error stopped, end without a request`;
}

function underWayLines(run: UnderWay, { now, resumeCommand }: StatusFacts, terminal: Terminal): string[] {
  const { runId, startedAt, deadline, rounds, tasksRead, waiting, isStopped } = run;
  const end = new Date(deadline);
  const since = durationText((now.getTime() - Date.parse(startedAt)) / 1_000);
  const tasks = `${counted(tasksRead, 'task')} read${rounds > 0 ? ` in ${rounds + 1} rounds` : ''}${isStopped ? '; an error stopped it, so its other tasks end without a request' : ''}`;
  if (resumeCommand !== undefined)
    return [
      ...wrap(
        `Interrupted: ${runId}, begun ${relativeTime(new Date(startedAt), now)}; ${tasks}. ${isStopped ? 'To end it and begin another run' : 'To take it up'}:`,
        terminal,
      ).map((line) => paint(terminal, 'yellow', line)),
      `    ${resumeCommand}`,
    ];
  const until = end < now ? `overdue since ${clockTime(end, now)}` : `ends ${clockTime(end, now)} at the latest`;
  return [
    ...wrap(`Under way: ${runId}, for ${since}; ${tasks}; ${until}`, terminal).map((line) =>
      end < now ? paint(terminal, 'red', line) : line,
    ),
    ...(waiting ? wrap(waitingText(waiting, now), terminal, '  ') : []),
  ];
}

function notListedText(listed: number, all: number): string {
  const most = Math.min(all, mostRuns);
  return `${listed} of ${number(all)} runs of these days: --runs ${most} shows ${most === all ? 'all' : 'more'}.`;
}

function runLines(facts: StatusFacts, terminal: Terminal): string[] {
  const { runs, days, now, moreRuns = 0 } = facts;
  if (runs.length === 0) return [`Last runs (${days} days): none`];
  const isOlder = runs.some(({ finishedAt }) => Date.parse(finishedAt) < now.getTime() - (days + 1) * day);
  const head = ['run', 'ended', 'took', 'status', 'read', 'changed', 'healed', 'deleted', 'rejected'];
  const rows = runs.map((run) => {
    const { rows: read, changed, healed, deleted, rejected } = totalsOf(run);
    return [
      run.runId,
      relativeTime(new Date(run.finishedAt), now),
      durationText(runSeconds(run)),
      run.status,
      read,
      changed,
      healed,
      deleted,
      rejected,
    ];
  });
  // Columns in which every number is 0 are named in one line instead.
  const isZero = head.map((_, column) => column >= 6 && rows.every((row) => row[column] === 0));
  const only = <T>(cells: readonly T[]) => cells.filter((_, column) => !isZero[column]);
  const table = textTable(only(head), rows.map(only), terminal, { least: [runIdShown] });
  const zero = head.filter((_, column) => isZero[column]);
  const omitted = [
    ...(moreRuns === 0 ? [] : [notListedText(runs.length, runs.length + moreRuns)]),
    ...(zero.length === 0
      ? []
      : [`No run ${new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(zero)} a row.`]),
    ...(table.includes('…') ? ['A wider terminal or --json shows what … stands for.'] : []),
  ];
  return [
    paint(terminal, 'bold', `Last runs (${days} days${isOlder ? ', and the last night' : ''}):`),
    ...table.split('\n'),
    ...(omitted.length === 0 ? [] : wrap(omitted.join(' '), terminal).map((line) => paint(terminal, 'dim', line))),
    ...runNotes(facts, terminal),
  ];
}
