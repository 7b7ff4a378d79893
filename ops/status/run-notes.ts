/**
 * What the last runs found, and what to do about it: of the newest night and the runs after it, everything; of each
 * earlier run, one line; of what is solved, one line for all runs. A cause that lasts is told once, with the newest run that met it.
 */

import type { ProblemName } from '../../lambdas/contract/problems.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { damagedAdvice } from '../../lambdas/core/errors.ts';
import { type Cause, causesOf, causeText, tablesText } from '../../lambdas/core/runs/causes.ts';
import { changeTexts } from '../../lambdas/core/runs/change-texts.ts';
import { confirmOutcome } from '../../lambdas/core/runs/confirm-outcome.ts';
import { number } from '../../lambdas/core/runs/counted.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { causeKey } from '../../lambdas/core/runs/same-cause.ts';
import { settingNotes } from '../../lambdas/core/runs/report-problems.ts';
import { noUsableKey, rejectedTables } from '../../lambdas/core/runs/rejected-text.ts';
import { standingUnfit } from '../../lambdas/core/runs/standing-unfit.ts';
import { unfitText } from '../../lambdas/core/runs/unfit-text.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { isRepair } from './repeated-runs.ts';
import { isReadSince, isSolved, solvedTexts, type SolvedTextsFacts } from './solved-problems.ts';
import { addedColumnLines } from '../../local/cli/column-lines.ts';
import { withCommandApart } from '../../local/cli/suggested-command.ts';
import { runbookLine } from '../../local/cli/problems-text.ts';
import { isOftenRejected, statusStyles } from '../../local/cli/summary.ts';
import { paint, type Style, type Terminal, wrap } from '../../local/cli/terminal.ts';

export interface RunNotesFacts extends SolvedTextsFacts {
  /** Flags that commands in the messages of the pipeline need. */
  readonly opsFlags: string;
  /** How many rejected rows of a run another version may read, by run; undefined or without the run: not known. */
  readonly replayable?: ReadonlyMap<string, number>;
}

type Table = RunReport['tables'][string];

interface Note {
  /** Stands before the text. */
  readonly problem?: ProblemName;
  readonly text: string;
  readonly style?: Style;
  /** Stands on a line of its own, unbroken. */
  readonly command?: string | undefined;
  /** Follows the command. */
  readonly rest?: string | undefined;
}

const changesShown = 10;

export function runNotes(facts: RunNotesFacts, terminal: Terminal): string[] {
  const told = new Map<string, string>();
  const newest = newestRuns(facts.runs);
  const earlier = facts.runs.slice(newest.length);
  const byRun = newest.map((run) => ({
    runId: run.runId,
    notes: [...causeNotes(run, facts, told), ...rowNotes(run, facts), ...changeNotes(run, facts)],
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

/** The newest night and the runs after it. */
export function newestRuns(runs: readonly RunReport[]): readonly RunReport[] {
  const lastNight = runs.findIndex(({ kind }) => kind === 'nightly');
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

/** @param told the run with which each cause was told already */
function causeNotes(run: RunReport, { opsFlags, runs }: RunNotesFacts, told: Map<string, string>): Note[] {
  const style = statusStyles[run.status];
  const notes: Note[] = [];
  const again = new Map<string, string[]>();
  for (const cause of causesOf(run, streams)) {
    const { problem, message, tables } = cause;
    const { text, command, rest } = withCommandApart(withRepair(cause, run, runs), opsFlags);
    const names = tablesText(run, tables);
    const key = `${problem} ${names}: ${message}`;
    const where = told.get(key);
    if (where === undefined) {
      told.set(key, run.runId);
      notes.push({ problem, text: `(${names})${nightsText(cause, run, runs)}: ${text}`, style, command, rest });
    } else again.set(where, [...(again.get(where) ?? []), `${problem} (${names})`]);
  }
  for (const [runId, names] of again) notes.push({ text: `${names.join(', ')}: as in ${runId}`, style });
  return notes;
}

/** The text of a cause. After the repair of a damaged object, the next night ends what one before could not read. */
function withRepair(cause: Cause, { startedAt }: RunReport, runs: readonly RunReport[]): string {
  const text = causeText(cause);
  const repair = runs.find(
    (one) =>
      isRepair(one) &&
      one.startedAt > startedAt &&
      cause.tables.every((table) => one.tables[table]?.status === 'complete'),
  );
  if (!repair || !text.includes(damagedAdvice)) return text;
  const at = `${repair.finishedAt.slice(11, 16)} UTC`;
  return `${text.replace(damagedAdvice, '')} Repaired at ${at} by ${repair.runId}. The next night that reads these tables ends this. To start it now: npx prospect-lake ops run`;
}

/** What is the same if two runs met the same cause. */
function keyOf({ problem, tables, message }: Cause): string {
  return [problem, ...tables, causeKey(message, tables)].join(' ');
}

/** In how many nights a cause was met, up to this one; empty if it is this one alone. */
function nightsText(cause: Cause, { kind, startedAt }: RunReport, runs: readonly RunReport[]): string {
  const nights = runs.filter((run) => run.kind === 'nightly' && run.startedAt <= startedAt);
  const met = nights.filter((run) => causesOf(run, streams).some((one) => keyOf(one) === keyOf(cause)));
  return kind === 'nightly' && met.length > 1 ? `, in ${met.length} of the ${nights.length} nights shown` : '';
}

/** The tables for which a number is not 0, with the number. */
function counts({ tables }: RunReport, of: (table: Table, name: string) => number): string {
  return foldedList(
    Object.entries(tables).flatMap(([name, table]) =>
      of(table, name) > 0 ? [`${name} ${number(of(table, name))}`] : [],
    ),
  );
}

/** The rejected rows that no later run has read again. @param isCounted false for tables whose error tells of them */
function rejectedRows(run: RunReport, facts: RunNotesFacts, isCounted: (table: Table) => boolean = () => true): string {
  return counts(run, (table, name) => (isCounted(table) && !isReadSince(run, name, facts) ? table.rowsRejected : 0));
}

/** When rejected rows can be converted again. No version can read a row for which the API gives no key. */
function replayAdvice({ tables }: RunReport, replayable: number | undefined): string {
  const rows = Object.values(tables).reduce((sum, { rowsRejected }) => sum + rowsRejected, 0);
  if (replayable === undefined || replayable >= rows) return 'If a newer version of Prospect Lake can read them:';
  if (replayable === 0) return 'The API gives no key for them, so there is nothing to replay: report it to the vendor.';
  const others = rows - replayable;
  return `For ${number(others)} of the ${number(rows)} the API gives no key: report that to the vendor. If a newer version of Prospect Lake can read the other ${number(replayable)}:`;
}

function rowNotes(run: RunReport, facts: RunNotesFacts): Note[] {
  const { runId, confirmRunId } = run;
  const rejected = rejectedRows(run, facts, ({ error }) => error?.code !== 'all_rejected');
  const healed = counts(run, ({ rowsHealed }) => rowsHealed);
  const confirmed = facts.runs.find((one) => one.runId === confirmRunId);
  const suspected = confirmRunId === undefined || confirmed ? '' : counts(run, ({ rowsSuspected }) => rowsSuspected);
  const isOften = Object.values(run.tables).some(isOftenRejected);
  const replayable = facts.replayable?.get(runId);
  return [
    ...(rejected === ''
      ? []
      : [
          {
            problem: 'RowsRejected' as const,
            text: `(${rejected}): they ${noUsableKey} ${replayAdvice(run, replayable)}`,
            command:
              replayable === 0 ? undefined : `npx prospect-lake ops replay-rejected --run ${runId}${facts.opsFlags}`,
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
