/** What stands besides the problems of the last runs, as lines that say what to do. */

import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { standingDeletions } from '../../lambdas/core/runs/held-deletions.ts';
import { standingRejections } from '../../lambdas/core/runs/standing-rejected.ts';
import { clockTime } from '../../local/cli/durations.ts';
import { withCommandApart } from '../../local/cli/suggested-command.ts';
import { paint, type Terminal, wrap } from '../../local/cli/terminal.ts';
import { isSuccess, statusWords } from '../../local/cli/summary.ts';
import type { MissingNight } from './missing-night.ts';
import type { RunNotesFacts } from './note.ts';
import { newestRuns } from './run-notes.ts';
import { unfinishedBackfills } from './solved-problems.ts';
import { verdict, type VerdictFacts } from './verdict.ts';

export interface StandingFacts extends RunNotesFacts, VerdictFacts {
  /** Set if nightly runs have stopped, with the command that lets them go on. */
  readonly missingNight?: (MissingNight & { readonly command: string }) | undefined;
  /** One line for each object that cannot be read. */
  readonly unreadable: readonly string[];
  /** What to do about a rewrite that is under way or was interrupted, if there is one. */
  readonly unfinishedRewrite?: string | undefined;
}

export function standingLines(facts: StandingFacts, terminal: Terminal): string[] {
  return [
    ...facts.unreadable.flatMap((line) => problem(line, terminal)),
    ...(facts.refusedStart === undefined
      ? []
      : problem(
          `Nothing was read at ${clockTime(new Date(facts.refusedStart.at), facts.now)}. ${facts.refusedStart.message}`,
          terminal,
        )),
    ...missingLines(facts, terminal),
    ...(facts.unfinishedRewrite === undefined ? [] : problem(facts.unfinishedRewrite, terminal)),
    ...leftLines(facts, terminal),
    ...backfillLines(facts, terminal),
  ];
}

/**
 * What the summary of a run leaves out because other runs left it: the first line of the status, what to do, and where
 * the rest is. Empty if nothing needs a person but the run itself.
 * @param statusCommand the command that tells the whole state
 */
export function besidesRun(
  report: RunReport,
  facts: StandingFacts,
  { terminal, statusCommand }: { readonly terminal: Terminal; readonly statusCommand: string },
): string[] {
  const lines = standingLines(facts, terminal);
  if (facts.isWell || (lines.length === 0 && !isSuccess(report))) return [];
  return [
    ...wrap(verdict(facts), terminal).map((line) => paint(terminal, ['bold', 'red'], line)),
    ...lines,
    ...wrap(`All that is known: ${statusCommand}`, terminal, '  '),
  ];
}

export function problem(text: string, terminal: Terminal): string[] {
  return wrap(text, terminal, '  ').map((line) => paint(terminal, 'red', line));
}

function missingLines({ missingNight, now }: StandingFacts, terminal: Terminal): string[] {
  if (!missingNight) return [];
  const { since, expectedHours, command } = missingNight;
  return problem(
    `RunMissing: the tables are stale. No nightly run has ended since ${clockTime(new Date(since), now)}; by the schedule, one ends within ${expectedHours} hours of the last. Let the next one begin:`,
    terminal,
  ).concat(`    ${command}`);
}

/** Deletions that are held back, and rejected rows. Those of a run whose problems are told below are left out. */
function leftLines(facts: StandingFacts, terminal: Terminal): string[] {
  const told = new Set(newestRuns(facts.runs).map(({ runId }) => runId));
  const left = [
    ...standingDeletions(facts.held).map((one) => ({ ...one, name: 'DeletionsHeld' })),
    ...standingRejections(facts.rejected).map((one) => ({ ...one, name: 'RowsRejected' })),
  ];
  return left.flatMap(({ runId, tables, message, name }) => {
    if (told.has(runId)) return [];
    const { text, command, rest } = withCommandApart(message, facts.opsFlags);
    return [
      ...problem(`${name} (${foldedList(tables)}): ${text}`, terminal),
      ...(command === undefined ? [] : [`    ${command}`]),
      ...(rest === undefined ? [] : problem(rest, terminal)),
    ];
  });
}

/** The backfills that have to be repeated. A night does not read what they left. */
function backfillLines(facts: StandingFacts, terminal: Terminal): string[] {
  return unfinishedBackfills(facts).flatMap(({ run, command }) => [
    ...problem(
      `${run.runId} ${statusWords(run.status)}, and no run has read the same since. Once its cause is fixed:`,
      terminal,
    ),
    `    npx prospect-lake ops ${command}${facts.opsFlags}`,
  ]);
}
