/** What the last runs found, and what to do about it. A cause that lasts is told once, with the newest run that met it. */

import type { ProblemName } from '../../lambdas/contract/problems.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { changeText } from '../../lambdas/contract/schema-changes.ts';
import { causesOf } from '../../lambdas/core/runs/causes.ts';
import { confirmOutcome } from '../../lambdas/core/runs/confirm-outcome.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { runError } from '../../lambdas/core/runs/run-error.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { withCommandApart } from '../../local/cli/suggested-command.ts';
import { isOftenRejected, runbookLine, statusStyles } from '../../local/cli/summary.ts';
import { paint, type Style, type Terminal, wrap } from '../../local/cli/terminal.ts';

export interface RunNotesFacts {
  /** The last runs that have ended, newest first. */
  readonly runs: readonly RunReport[];
  /** Flags that commands in the messages of the pipeline need. */
  readonly opsFlags: string;
  /** When the newest run began that has read the whole list of a table, by table. */
  readonly wholeAt: ReadonlyMap<string, string>;
}

type Table = RunReport['tables'][string];

interface Note {
  /** Stands before the text. */
  readonly problem?: ProblemName;
  readonly text: string;
  readonly style?: Style;
  /** Stands on a line of its own, unbroken. */
  readonly command?: string | undefined;
}

const changesShown = 10;

export function runNotes(facts: RunNotesFacts, terminal: Terminal): string[] {
  const told = new Map<string, string>();
  const byRun = facts.runs.map((run) => ({
    runId: run.runId,
    notes: [...causeNotes(run, facts, told), ...rowNotes(run, facts), ...changeNotes(run)],
  }));
  const hasProblem = byRun.some(({ notes }) => notes.some(({ problem }) => problem));
  return [
    ...byRun.flatMap(({ runId, notes }) =>
      notes.length === 0 ? [] : [`${runId}:`, ...notes.flatMap((note) => linesOf(note, terminal))],
    ),
    ...(hasProblem ? wrap(runbookLine, terminal).map((line) => paint(terminal, 'dim', line)) : []),
  ];
}

function linesOf({ problem, text, style, command }: Note, terminal: Terminal): string[] {
  return [
    ...wrap(problem ? `${problem} ${text}` : text, terminal, '  ').map((line) =>
      style ? paint(terminal, style, line) : line,
    ),
    ...(command === undefined ? [] : [`    ${command}`]),
  ];
}

/** @param told the run with which each cause was told already */
function causeNotes(run: RunReport, { opsFlags }: RunNotesFacts, told: Map<string, string>): Note[] {
  const style = statusStyles[run.status];
  const notes: Note[] = [];
  const again = new Map<string, string[]>();
  for (const { problem, message, tables } of causesOf(run, streams)) {
    const { text, command } = withCommandApart(message, opsFlags);
    const names = runError(run) ? 'all tables' : foldedList(tables);
    const key = `${problem} ${names}: ${message}`;
    const where = told.get(key);
    if (where === undefined) {
      told.set(key, run.runId);
      notes.push({ problem, text: `(${names}): ${text}`, style, command });
    } else again.set(where, [...(again.get(where) ?? []), `${problem} (${names})`]);
  }
  for (const [runId, names] of again) notes.push({ text: `${names.join(', ')}: as in ${runId}`, style });
  return notes;
}

function rowNotes(run: RunReport, facts: RunNotesFacts): Note[] {
  const { runId, confirmRunId } = run;
  const tables = Object.entries(run.tables);
  const named = (of: (table: Table, name: string) => number) =>
    foldedList(
      tables.flatMap(([name, table]) =>
        of(table, name) > 0 ? [`${name} ${of(table, name).toLocaleString('en-US')}`] : [],
      ),
    );
  const rejected = named(({ rowsRejected }, name) => (isReadSince(run, name, facts) ? 0 : rowsRejected));
  const healed = named(({ rowsHealed }) => rowsHealed);
  const confirmed = facts.runs.find((one) => one.runId === confirmRunId);
  const suspected = confirmRunId === undefined || confirmed ? '' : named(({ rowsSuspected }) => rowsSuspected);
  const isOften = tables.some(([, table]) => isOftenRejected(table));
  return [
    ...(rejected === ''
      ? []
      : [
          {
            problem: 'RowsRejected' as const,
            text: `(${rejected}): they have no usable key. The table rejected_rows says why. Once a version can read them:`,
            command: `npx prospect-lake ops replay-rejected --run ${runId}${facts.opsFlags}`,
            style: isOften ? ('red' as const) : ('yellow' as const),
          },
        ]),
    ...(healed === ''
      ? []
      : [
          {
            text: `Changes that only rereading found: ${healed}. The tables are right again. If this happens each time, lower rereadDays or childRereadDays.`,
          },
        ]),
    ...(suspected === ''
      ? []
      : [
          { text: `Rows that the API did not give: ${suspected}. ${confirmRunId} asks again before they are deleted.` },
        ]),
    ...(confirmed ? confirmOutcome(run, confirmed, streams).map((text) => ({ text })) : []),
  ];
}

function changeNotes({ schemaChanges = [] }: RunReport): Note[] {
  const more = schemaChanges.length - changesShown;
  return [
    ...schemaChanges.slice(0, changesShown).map((change) => ({ text: changeText(change) })),
    ...(more > 0 ? [{ text: `${more} other changes of fields: see the table schema_changes.` }] : []),
  ];
}

/** Whether a later run has read the whole list of a table, and no run since then has rejected a row of it. */
function isReadSince({ startedAt, tables }: RunReport, table: string, { runs, wholeAt }: RunNotesFacts): boolean {
  const whole = wholeAt.get(table) ?? '';
  // A later run goes on from where this one stopped: it does not read the same rows again.
  const isContinued = tables[table]?.error?.code === 'unfinished';
  return (
    whole > startedAt &&
    !isContinued &&
    runs.every((run) => run.startedAt < whole || (run.tables[table]?.rowsRejected ?? 0) === 0)
  );
}
