import type { CustomColumns } from '../../lambdas/contract/custom-columns.ts';
import type { ProblemName } from '../../lambdas/contract/problems.ts';
import type { PipelineState } from '../../lambdas/contract/pipeline-state.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { type Cause, causesOf, tablesText } from '../../lambdas/core/runs/causes.ts';
import { foldedList } from '../../lambdas/core/runs/folded-list.ts';
import { rejectedTables } from '../../lambdas/core/runs/rejected-text.ts';
import { runError } from '../../lambdas/core/runs/run-error.ts';
import { solvedByPerson } from '../../lambdas/core/runs/solved-text.ts';
import { isSettled } from '../../lambdas/core/runs/standing-rejected.ts';
import { standingUnfit } from '../../lambdas/core/runs/standing-unfit.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { isReadLater, type Plans, repeatCommand } from './repeated-runs.ts';

/**
 * Whether no table of a cause has the same problem in the newest later night that read it. A night goes on where the one
 * before stopped. A night that failed as a whole says nothing about the tables. What a backfill did not read, no night has
 * to read: it is solved once another run has read the same. A night that reads only changes cannot meet DeletionsHeld:
 * that stands until the pipeline's state says otherwise.
 */
export function isSolved({ problem, tables }: Cause, run: RunReport, { runs, held, plans }: SolvedFacts): boolean {
  // Without a record, nobody knows whether a later night could have met it.
  if (problem === 'DeletionsHeld' && (!held || tables.some((table) => held[table]))) return false;
  if (run.kind === 'backfill') return isReadLater(run, tables, runs, plans);
  const later = runs.filter((one) => one.kind === 'nightly' && one.startedAt > run.startedAt && !runError(one));
  return tables.every((table) => {
    const newest = later.find((one) => one.tables[table] !== undefined);
    return newest && !causesOf(newest, streams).some((one) => one.problem === problem && one.tables.includes(table));
  });
}

/** The runs that failed and whose problems are not all solved. */
export function unsolvedFailures(facts: SolvedFacts): RunReport[] {
  return facts.runs.filter(({ status }) => status === 'failed').filter((run) => !isAllSolved(run, facts));
}

/** The backfills and repairs that left tables incomplete which no later run has read, each with the command to repeat it. */
export function unfinishedBackfills(facts: SolvedFacts): { readonly run: RunReport; readonly command: string }[] {
  return facts.runs.flatMap((run) => {
    const plan = facts.plans.get(run.runId);
    const isMeant = run.kind === 'backfill' && plan !== undefined && !isAllSolved(run, facts);
    return isMeant ? [{ run, command: repeatCommand(plan) }] : [];
  });
}

function isAllSolved(run: RunReport, facts: SolvedFacts): boolean {
  return causesOf(run, streams).every((cause) => isSolved(cause, run, facts));
}

export interface SolvedFacts {
  /** The last runs that have ended, newest first. */
  readonly runs: readonly RunReport[];
  /** Deletions that runs have held back and that nothing has settled since. */
  readonly held?: PipelineState['held'];
  /** Rows that runs have rejected, and whether they were read again since. */
  readonly rejected?: PipelineState['rejected'];
  /** The plans of these runs, as far as they are known. */
  readonly plans: Plans;
}

/**
 * Tables of a run of which some values did not fit a column, and of which a later night or backfill read rows and no
 * longer says so. Runs repeat what those before them found, until every row was read again.
 */
function fittingSince(run: RunReport, runs: readonly RunReport[]): string[] {
  const tables = new Set(run.unfitColumns?.map(({ table }) => table));
  return [...tables].filter((table) => {
    const newest = runs.find((one) => knowsUnfit(one) && one.tables[table] !== undefined && !runError(one));
    const stands = [newest?.unfitColumns ?? [], standingUnfit(runs)].flat().some((one) => one.table === table);
    return newest && newest.startedAt > run.startedAt && !stands;
  });
}

/**
 * The custom columns that take the values which did not fit a table's own columns in a run. Later runs meet the same
 * values, but have a column for them. Empty if one of the values has none.
 */
function columnsFor({ unfitColumns = [] }: RunReport, table: string, custom: CustomColumns = {}): string[] {
  const all = unfitColumns
    .filter((one) => one.table === table)
    .map(({ column, field = column }) =>
      Object.entries(custom[table] ?? {}).flatMap(([name, { field: of = name }]) =>
        of === field && name !== column ? [name] : [],
      ),
    );
  return all.every((names) => names.length > 0) ? [...new Set(all.flat())] : [];
}

/** Whether the report of a run says which columns of its tables stand, and not only what it met itself. */
function knowsUnfit({ kind }: RunReport): boolean {
  return kind === 'nightly' || kind === 'backfill';
}

export interface SolvedTextsFacts extends SolvedFacts {
  /** Columns that the configuration of the workspace adds. @default none */
  readonly customColumns?: CustomColumns | undefined;
}

/** What is solved: at most one text for what later runs solved, one for rejected rows, one for custom columns, and one for what a person did. */
export function solvedTexts(facts: SolvedTextsFacts): string[] {
  const { runs, customColumns } = facts;
  const solved = new Map<string, string[]>();
  const [readAgain, givenColumn] = [new Map<string, string[]>(), new Map<string, string[]>()];
  const add = (to: Map<string, string[]>, text: string, { runId }: RunReport) =>
    to.set(text, [...(to.get(text) ?? []), runId]);
  for (const run of runs) {
    const fitting = fittingSince(run, runs).map((table) => ({ table, to: columnsFor(run, table, customColumns) }));
    for (const { table, to } of fitting.filter((one) => one.to.length > 0))
      add(givenColumn, `ValuesDoNotFit (${table}, now in ${foldedList(to)})`, run);
    const settled = rejectedTables(run.tables).filter((name) => isSettled(facts.rejected, name, run));
    for (const name of settled) {
      const at = facts.rejected?.[name]?.solvedAt;
      add(readAgain, `RowsRejected (${name}${at === undefined ? '' : `, on ${at.slice(0, 10)}`})`, run);
    }
    const found: readonly (readonly [ProblemName, readonly string[]])[] = [
      ...causesOf(run, streams)
        .filter((each) => each.problem !== 'RowsRejected' && isSolved(each, run, facts))
        .map(({ problem, tables }) => [problem, tables] as const),
      ['ValuesDoNotFit', fitting.flatMap(({ table, to }) => (to.length === 0 ? [table] : []))],
    ];
    for (const [problem, tables] of found.filter(([, names]) => names.length > 0)) {
      add(solved, `${problem} (${tablesText(run, tables, foldedList)})`, run);
    }
  }
  const byPerson = runs.flatMap((run) => (run.solved ? [`${solvedByPerson(run)} in ${run.runId}`] : []));
  return [
    ...(solved.size === 0 ? [] : [textOf('later runs did not meet it again', solved)]),
    ...(readAgain.size === 0 ? [] : [textOf('all rows were read again and none was rejected', readAgain)]),
    ...(givenColumn.size === 0 ? [] : [textOf('the configuration has a column for the values', givenColumn)]),
    ...(byPerson.length === 0
      ? []
      : [`Solved since, because work was sent again or deletions were approved: ${byPerson.join('; ')}.`]),
  ];
}

function textOf(why: string, solved: ReadonlyMap<string, readonly string[]>): string {
  const parts = [...solved].map(([text, [first = '', ...more]]) =>
    more.length === 0 ? `${text} in ${first}` : `${text} in ${more.length + 1} runs, last in ${first}`,
  );
  return `Solved since, because ${why}: ${parts.join('; ')}.`;
}
