/**
 * What the last runs found, and what to do about it: of the newest night and the runs after it, everything; of each
 * earlier run, one line; of what is solved, one line for all runs. A cause that lasts is told once, with the newest run that met it.
 */

import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { causesOf, tablesText } from '../../lambdas/core/runs/causes.ts';
import { changeTexts } from '../../lambdas/core/runs/change-texts.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { isWholeNight } from '../../lambdas/core/runs/last-night.ts';
import { limitNotes, settingNotes } from '../../lambdas/core/runs/report-problems.ts';
import { rejectedTables } from '../../lambdas/core/runs/rejected-text.ts';
import { standingUnfit } from '../../lambdas/core/runs/standing-unfit.ts';
import { unfitText } from '../../lambdas/core/runs/unfit-text.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { causeNotes, keyOf } from './cause-notes.ts';
import type { Note, RunNotesFacts } from './note.ts';
import { rejectedRows, rowNotes } from './row-notes.ts';
import { isSolved, solvedTexts } from './solved-problems.ts';
import { addedColumnLines } from '../../local/cli/column-lines.ts';
import { withCommandApart } from '../../local/cli/suggested-command.ts';
import { runbookLine } from '../../local/cli/problems-text.ts';
import { paint, type Terminal, wrap } from '../../local/cli/terminal.ts';

const changesShown = 10;

export function runNotes(facts: RunNotesFacts, terminal: Terminal): string[] {
  const told = new Map<string, string>();
  const newest = newestRuns(facts.runs);
  const earlier = facts.runs.slice(newest.length);
  const byRun = newest.map((run) => ({
    runId: run.runId,
    notes: [
      ...causeNotes(run, facts, told),
      ...rowNotes(run, facts),
      ...limitNotes(run).map((text): Note => ({ text })),
      ...changeNotes(run, facts),
    ],
  }));
  const folded = earlier.flatMap((run) => foldedNotes(run, facts));
  const columns = addedColumnLines(
    {
      schemaChanges: newest.flatMap(({ schemaChanges = [] }) => schemaChanges),
      unfitColumns: standingUnfit(facts.runs),
    },
    facts.customColumns ?? {},
    terminal,
  );
  const hasProblem = folded.length > 0 || byRun.some(({ notes }) => notes.some(({ problem }) => problem));
  return [
    ...byRun.flatMap(({ runId, notes }) =>
      notes.length === 0 ? [] : [`${runId}:`, ...notes.flatMap((note) => linesOf(note, terminal))],
    ),
    ...folded.flatMap((line) => wrap(line, terminal)),
    ...solvedTexts(facts).flatMap((text) => wrap(text, terminal).map((line) => paint(terminal, 'dim', line))),
    ...(hasProblem ? wrap(runbookLine, terminal).map((line) => paint(terminal, 'dim', line)) : []),
    ...(columns.length > 0 ? ['', ...columns] : []),
  ];
}

/** The newest whole night and the runs after it; if there is none, the newest night and the runs after it. */
export function newestRuns(runs: readonly RunReport[]): readonly RunReport[] {
  const whole = runs.findIndex(isWholeNight);
  const lastNight = whole === -1 ? runs.findIndex(({ kind }) => kind === 'nightly') : whole;
  return runs.slice(0, lastNight === -1 ? undefined : lastNight + 1);
}

/**
 * The unsolved problems of an earlier run in one line, or nothing if it has none. A cause that the newest runs met again
 * is told there.
 */
function foldedNotes(run: RunReport, facts: RunNotesFacts): string[] {
  const again = newestRuns(facts.runs).flatMap((newest) => causesOf(newest, streams).map(keyOf));
  const rejected = rejectedRows(run, facts);
  const problems = [
    ...causesOf(run, streams)
      .filter((cause) => cause.problem !== 'RowsRejected' && !again.includes(keyOf(cause)))
      .filter((cause) => !isSolved(cause, run, facts))
      .map(({ problem, tables }) => `${problem} (${tablesText(run, tables, foldedList)})`),
    ...(rejected === '' ? [] : [`RowsRejected (${rejected})`]),
  ];
  return problems.length === 0 ? [] : [`${run.runId}: ${problems.join(', ')}`];
}

function linesOf({ problem, text, style, command, rest }: Note, terminal: Terminal): string[] {
  const wrapped = (words: string) =>
    wrap(words, terminal, '  ').map((line) => (style ? paint(terminal, style, line) : line));
  return [
    ...wrapped(problem ? `${problem} ${text}` : text),
    ...(command === undefined ? [] : [`    ${command}`]),
    ...(rest === undefined ? [] : wrapped(rest)),
  ];
}

function changeNotes(run: RunReport, { opsFlags, runs }: RunNotesFacts): Note[] {
  const { schemaChanges = [] } = run;
  const standing = new Set(standingUnfit(runs));
  // A column that several runs name is told with the newest of them.
  const unfitColumns = (run.unfitColumns ?? []).filter((column) => standing.has(column));
  const { texts, more } = changeTexts(schemaChanges, changesShown);
  return [
    ...(unfitColumns.length > 0
      ? [
          {
            problem: 'ValuesDoNotFit' as const,
            ...withCommandApart(
              `(${foldedList([...new Set(unfitColumns.map(({ table }) => table))])}): ${unfitText(unfitColumns, rejectedTables(run.tables))}`,
              opsFlags,
            ),
            style: 'red' as const,
          },
        ]
      : []),
    ...texts.map((text) => ({ text })),
    ...(more > 0 ? [{ text: `${more} other changes of fields: see the table schema_changes.` }] : []),
    ...settingNotes(run).map((text) => withCommandApart(text, opsFlags)),
  ];
}
