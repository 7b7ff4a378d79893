/** The result of a run as text: its problems, and its counts, with all tables without problems in one line. */

import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { RunStatus } from '../../lambdas/contract/run-status.ts';
import { causesOf, causeText } from '../../lambdas/core/runs/causes.ts';
import { confirmOutcome } from '../../lambdas/core/runs/confirm-outcome.ts';
import { counted, number } from '../../lambdas/core/runs/counted.ts';
import { durationText, runSeconds } from '../../lambdas/core/runs/duration-text.ts';
import { isNotDue, isUnread } from '../../lambdas/core/runs/not-due.ts';
import { runError } from '../../lambdas/core/runs/run-error.ts';
import { fieldNotes, limitNotes } from '../../lambdas/core/runs/report-problems.ts';
import { isOften } from '../../lambdas/core/runs/standing-rejected.ts';
import { tableNotes } from '../../lambdas/core/runs/table-notes.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import type { FunctionMemory } from '../cloud/lambda/functions.ts';
import { addedColumnLines } from './column-lines.ts';
import { type ProblemsOptions, problemsText } from './problems-text.ts';
import { withCommandApart } from './suggested-command.ts';
import { paint, type Style, type Terminal, wrap } from './terminal.ts';
import { neverCut, textTable } from './text-table.ts';

type Counts = RunReport['tables'][string];

export interface SummaryOptions extends ProblemsOptions {
  /** Whether tables without problems are listed too. */
  readonly allTables: boolean;
  /** Report of the later run that asked the API again about rows which this run found missing. */
  readonly confirmed?: RunReport | undefined;
}

const largestShown = 3;
export const statusStyles: Record<RunStatus, Style> = { complete: 'green', partial: 'yellow', failed: 'red' };

/** Optional columns: each is shown only if it is not 0 for every table. */
const optionalColumns: readonly (readonly [string, (table: Counts) => number])[] = [
  ['unchanged', ({ rowsUnchanged }) => rowsUnchanged],
  ['healed', ({ rowsHealed }) => rowsHealed],
  ['deleted', ({ rowsDeleted }) => rowsDeleted],
  ['suspected', ({ rowsSuspected }) => rowsSuspected],
  ['rejected', ({ rowsRejected }) => rowsRejected],
];

/**
 * Whether a run read everything, and leaves nothing that a person must act on: it rejected at most one row in a hundred
 * of each table, the values of each column fit, and the API gives no forgotten person.
 */
export function isSuccess({ status, tables, unfitColumns = [], forgotten }: RunReport): boolean {
  const isKept = Object.values(tables).every((table) => !isOftenRejected(table));
  return status === 'complete' && isKept && unfitColumns.length === 0 && (forgotten?.stillGiven ?? 0) === 0;
}

export function isOftenRejected({ rowsRejected, rowsExtracted }: Counts): boolean {
  return isOften({ rows: rowsRejected, of: rowsExtracted });
}

/** What became of a run. Its problems come first, because a person has to do something about them. */
export function summaryOf(report: RunReport, options: SummaryOptions): string {
  const { terminal, allTables, confirmed } = options;
  const tables = Object.entries(report.tables);
  const listed = allTables ? tables : tables.filter(([, table]) => isNoteworthy(table) && !runError(report));
  const others = tables.filter((each) => !listed.includes(each) && !isNotDue(each[1]) && !runError(report));
  const problems = problemsText(report, options);
  const columns = addedColumnLines(report, options.customColumns ?? {}, terminal);
  return [
    ...statusLines(report, options),
    ...(problems === '' ? [] : ['', problems]),
    ...noteLines(report, terminal, options.opsFlags ?? ''),
    ...(columns.length > 0 ? ['', ...columns] : []),
    ...(listed.length > 0 ? ['', tableOf(listed, terminal)] : []),
    ...(others.length > 0 ? ['', ...wrap(foldedText(others, listed.length > 0), terminal)] : []),
    ...(confirmed ? confirmOutcome(report, confirmed, streams) : []).flatMap((text) => wrap(text, terminal)),
  ].join('\n');
}

function statusLines(report: RunReport, { terminal }: SummaryOptions): string[] {
  const { runId, status } = report;
  const tables = Object.entries(report.tables);
  const all = tables.map(([, table]) => table);
  const rejected = sumOf(all, ({ rowsRejected }) => rowsRejected);
  const rows = counted(
    sumOf(all, ({ rowsWritten }) => rowsWritten),
    'row',
  );
  const took = durationText(runSeconds(report));
  const withRows = all.filter(({ rowsWritten }) => rowsWritten > 0).length;
  const namesOf = (is: (table: Counts) => boolean) => tables.flatMap(([name, table]) => (is(table) ? [name] : []));
  const unread = namesOf(isUnread);
  const onlyRejected = namesOf((table) => table.rowsWritten === 0 && table.rowsRejected > 0);
  const notDue = namesOf(isNotDue);
  const empty = namesOf((table) => isEmpty(table) && !isNotDue(table));
  const text = runError(report)
    ? `Run ${runId} failed after ${took}.`
    : [
        `Run ${runId} ${statusWords(status)}: ${rows} in ${tableCount(withRows)}, ${took}.`,
        ...(rejected > 0 ? [`${number(rejected)} more ${rejected === 1 ? 'was' : 'were'} rejected.`] : []),
        ...(onlyRejected.length > 0 ? [`Only rejected rows: ${onlyRejected.join(', ')}.`] : []),
        ...(empty.length > 0 ? [`The API gave no rows of ${empty.join(', ')}.`] : []),
        ...(notDue.length > 0 ? [`Not due, so not asked for: ${notDue.join(', ')}.`] : []),
        ...(unread.length > 0 ? [`Not read: ${unread.join(', ')}.`] : []),
      ].join(' ');
  const [first = '', ...more] = wrap(text, terminal);
  return [
    paint(terminal, ['bold', rejected > 0 && status === 'complete' ? 'yellow' : statusStyles[status]], first),
    ...more,
  ];
}

/** `is partial`, but `failed`, as every other text says. */
export function statusWords(status: RunStatus): string {
  return status === 'failed' ? status : `is ${status}`;
}

function noteLines(report: RunReport, terminal: Terminal, opsFlags: string): string[] {
  const notes = [...limitNotes(report), ...tableNotes(report), ...fieldNotes(report)];
  if (notes.length === 0) return [];
  const lines = notes.flatMap((note) => {
    const { text, command } = withCommandApart(note, opsFlags);
    return [...wrap(text, terminal, '  '), ...(command === undefined ? [] : [`    ${command}`])];
  });
  return ['', paint(terminal, 'bold', 'Notes:'), ...lines];
}

/** Whether the API gave no row of a table that was read to its end. */
function isEmpty({ status, rowsWritten, rowsRejected }: Counts): boolean {
  return status === 'complete' && rowsWritten + rowsRejected === 0;
}

/** Whether a table gets a line of its own in the summary. */
function isNoteworthy(table: Counts): boolean {
  const { status, rowsHealed, rowsDeleted, rowsSuspected, rowsRejected, itemsFailed } = table;
  return status !== 'complete' || rowsHealed + rowsDeleted + rowsSuspected + rowsRejected + itemsFailed > 0;
}

function tableOf(tables: readonly (readonly [string, Counts])[], terminal: Terminal): string {
  const shown = optionalColumns.filter(([, of]) => tables.some(([, table]) => of(table) > 0));
  const head = ['table', 'status', 'rows', 'changed', ...shown.map(([name]) => name), 'KiB', 'requests'];
  const rows = tables.map(([name, table]) => [
    name,
    isNotDue(table) ? 'not due' : table.status,
    table.rowsWritten,
    table.rowsChanged,
    ...shown.map(([, of]) => of(table)),
    Math.ceil(table.bytes / 1_024),
    table.requests,
  ]);
  return textTable(head, rows, terminal, { least: [neverCut] });
}

function foldedText(tables: readonly (readonly [string, Counts])[], hasListed: boolean): string {
  const counts = tables.map(([, table]) => table);
  const rows = sumOf(counts, ({ rowsWritten }) => rowsWritten);
  const changed = tables
    .filter(([, { rowsChanged }]) => rowsChanged > 0)
    .toSorted(([, one], [, other]) => other.rowsChanged - one.rowsChanged);
  const largest = changed.slice(0, largestShown).map(([name, { rowsChanged }]) => `${name} ${number(rowsChanged)}`);
  const rest = changed.length - largest.length;
  const where = largest.length === 0 ? '' : ` (${largest.join(', ')}${rest > 0 ? ` and ${rest} more` : ''})`;
  const total = sumOf(counts, ({ rowsChanged }) => rowsChanged);
  return `${tableCount(tables.length, hasListed ? 'other ' : '')} complete, ${counted(rows, 'row')}, ${number(total)} new or changed${where}. --all-tables lists each.`;
}

/** One line for each cause, with the tables that it left incomplete. */
export function errorLines(report: RunReport): string[] {
  return causesOf(report, streams).map((cause) => `  ${cause.tables.join(', ')}: ${causeText(cause)}`);
}

function sumOf(tables: readonly Counts[], of: (table: Counts) => number): number {
  return tables.reduce((total, table) => total + of(table), 0);
}

const tableCount = (count: number, which = '') => `${count} ${which}${count === 1 ? 'table' : 'tables'}`;
/** One line with the peak memory of the functions' process: its resident set, as the kernel counts it. */
export function memoryLine(memory: readonly FunctionMemory[]): string {
  const peakBytes = Math.max(...memory.map((one) => one.peakBytes));
  return `Peak memory of this program and all functions: ${Math.round(peakBytes / 2 ** 20)} MiB.`;
}
