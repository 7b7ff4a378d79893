import type { Problem, ProblemName } from '../../contract/problems.ts';
import type { RunReport, TableReport } from '../../contract/run-report.ts';
import type { PipelineState } from '../../contract/pipeline-state.ts';
import type { Stream } from '../../contract/stream.ts';
import { problemsByCode } from '../runs/causes.ts';
import { foldedList } from '../runs/folded-list.ts';
import { heldTogether, standingDeletions } from '../runs/held-deletions.ts';
import { keylessAdvice, noUsableKey, rejectedTables } from '../runs/rejected-text.ts';
import { requestIdText } from '../runs/request-id.ts';
import { runError } from '../runs/run-error.ts';
import { totalsOf } from '../runs/run-totals.ts';
import { stillGivenText } from '../runs/still-given.ts';
import { unfitText } from '../runs/unfit-text.ts';
import { hoursSinceWhole } from './table-age.ts';

export interface ProblemSettings {
  /** A nightly run counts as missing if none has ended for this many hours. */
  readonly expectedHours: number;
  readonly streamNamed: (name: string) => Stream;
}

/** What a person must act on, and the tables that it affects. */
export interface RunProblem extends Problem {
  readonly tables: readonly string[];
}

type Tables = readonly (readonly [name: string, table: TableReport])[];

/**
 * Share of the rows read of a table in a nightly run. If more of them are healed (their change was found only by a
 * complete reading), this is a problem.
 */
const mostHealed = 0.01;
/** A table is stale if this many nights in a row did not read it completely. */
const staleNights = 2;
/** `parent_failed` only repeats the error of the parent. */
const namedCauses = new Set([...problemsByCode.keys(), 'parent_failed']);

/**
 * Lists what a person must act on after a run, one problem for each cause. RunFailed and RunPartial cover only the
 * tables whose cause has no problem of its own.
 * @param state after the run moved its watermarks
 */
export function runProblems(report: RunReport, state: PipelineState, settings: ProblemSettings): RunProblem[] {
  const { runId, kind, status, unfitColumns = [] } = report;
  const all: Tables = Object.entries(report.tables);
  const having = (code: string) => all.filter(([, { error }]) => error?.code === code);
  const unnamed = all.filter(([, { error }]) => error && !namedCauses.has(error.code));
  const failed = runError(report);
  const inWords = failed && (() => `The run ${runId} failed. ${failed.message}${requestIdText(failed.requestId)}`);
  const problems = [
    problem(
      'KeyRefused',
      having('unauthorized'),
      inWords ?? (() => `The API refused the key while the run ${runId} was under way, so it failed.`),
    ),
    problem('ScopeMissing', having('forbidden'), (tables) => {
      const scopes = [...new Set(tables.map(([name]) => settings.streamNamed(name).scope))];
      return `The key lacks the ${scopes.length === 1 ? 'scope' : 'scopes'} ${scopes.join(', ')}, or its member lacks the permission. The run ${runId} is ${status}, because it could not read ${names(tables)}.`;
    }),
    problem(
      'DeletionsHeld',
      having('deletions_held'),
      (tables) =>
        `In the run ${runId}: ${heldTogether(
          tables.map(([, { error }]) => error?.message ?? ''),
          tables.map(([name]) => name),
          runId,
        )}`,
    ),
    problem(
      status === 'failed' ? 'RunFailed' : 'RunPartial',
      unnamed,
      inWords ??
        ((tables) => {
          const byCause = Map.groupBy(tables, ([, { error }]) => error?.code);
          const causes = [...byCause].map(([code, tables]) => `${code} in ${tables.map(([name]) => name).join(', ')}`);
          const requestId = tables.find(([, { error }]) => error?.requestId)?.[1].error?.requestId ?? null;
          return `The run ${runId} is ${status}: ${causes.join('; ')}.${requestIdText(requestId)}`;
        }),
    ),
    problem(
      'RowsRejected',
      all.filter(([, { rowsRejected }]) => rowsRejected > 0),
      (tables) =>
        `The run ${runId} set rows aside in rejected_rows: ${counted(tables, ({ rowsRejected, rowsExtracted }) => `${rowsRejected} of ${rowsExtracted}`)}. They ${noUsableKey}${spaced(keylessAdvice(totalsOf(report)))}`,
    ),
    problem(
      'ValuesDoNotFit',
      all.filter(([name]) => unfitColumns.some(({ table }) => table === name)),
      () => unfitText(unfitColumns, rejectedTables(report.tables)),
    ),
  ];
  if (kind === 'nightly')
    problems.push(
      problem(
        'RowsHealed',
        all.filter(([, { rowsHealed, rowsExtracted }]) => rowsHealed > rowsExtracted * mostHealed),
        (tables) =>
          `In the run ${runId}, only rereading found these changes: ${counted(tables, ({ rowsHealed, rowsExtracted }) => `${rowsHealed} of ${rowsExtracted} rows`)}.`,
      ),
      ...standingDeletions(state.held)
        .filter((held) => held.runId !== runId)
        .map(({ message, tables }) => ({ problem: 'DeletionsHeld' as const, message, tables })),
      staleTables(report, state, settings),
      stillGiven(report),
    );
  return problems.flatMap((found) => found ?? []);
}

function problem(name: ProblemName, tables: Tables, message: (tables: Tables) => string): RunProblem | undefined {
  if (tables.length === 0) return undefined;
  return { problem: name, message: message(tables), tables: tables.map(([table]) => table) };
}

function staleTables(
  report: RunReport,
  state: PipelineState,
  { expectedHours }: ProblemSettings,
): RunProblem | undefined {
  const hours = staleNights * expectedHours;
  const stale = [...hoursSinceWhole(report, state)].filter(([, age]) => age >= hours);
  if (stale.length === 0) return undefined;
  const ages = stale.map(([table, age]) => `${table} for ${Math.floor(age)} hours`);
  return {
    problem: 'TableStale',
    message: `Tables have not been read whole for ${hours} hours or more: ${foldedList(ages)}.`,
    tables: stale.map(([table]) => table),
  };
}

function stillGiven({ forgotten }: RunReport): RunProblem | undefined {
  const message = stillGivenText(forgotten);
  return message === undefined
    ? undefined
    : { problem: 'ForgottenStillGiven', message, tables: forgotten?.stillGivenIn ?? [] };
}

const spaced = (text: string) => (text === '' ? '' : ` ${text}`);

function names(tables: Tables): string {
  return foldedList(tables.map(([name]) => name));
}

function counted(tables: Tables, count: (table: TableReport) => number | string): string {
  return foldedList(tables.map(([name, table]) => `${name} ${count(table)}`));
}
