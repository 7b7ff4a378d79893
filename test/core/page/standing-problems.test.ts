import { expect, it } from 'vitest';
import { emptyPageState, type EndedRun, withRun } from '../../../lambdas/core/page/page-state.ts';
import { standingProblems } from '../../../lambdas/core/page/standing-problems.ts';
import { needsOf } from '../../../ops/status/needs.ts';
import { nightAfter } from '../../support/page-nights.ts';
import { unfitColumn } from '../../support/unfit-column.ts';

/** A run that found values that do not fit in these tables. */
function unfitIn(run: EndedRun, tables: readonly string[]): EndedRun {
  if (tables.length === 0) return run;
  const unfitColumns = tables.map((table) => ({ ...unfitColumn, table }));
  const problem = { problem: 'ValuesDoNotFit' as const, message: 'Values do not fit.', tables: [...tables] };
  return { ...run, report: { ...run.report, unfitColumns }, problems: [problem] };
}

function backfill(day: number, read: readonly string[], unfit: readonly string[] = []): EndedRun {
  const run = nightAfter(day, { kind: 'backfill' });
  const tables = Object.fromEntries(Object.entries(run.report.tables).filter(([name]) => read.includes(name)));
  return unfitIn({ ...run, report: { ...run.report, tables } }, unfit);
}

/** The tables of the problem, on the page and in the status. */
function unfitTables(...runs: EndedRun[]) {
  const state = runs.reduce(withRun, emptyPageState);
  const page = standingProblems(state).flatMap(({ tables }) => tables);
  const reports = runs.map(({ report }) => report).toReversed();
  return [page, needsOf({ runs: reports, queues: [], missedRuns: 0 })];
}

it('values that do not fit go from the page with the backfill after which the status no longer tells them', () => {
  const night = unfitIn(nightAfter(0), ['jobs', 'imports']);
  expect(unfitTables(night)).toEqual([['jobs', 'imports'], ['ValuesDoNotFit (jobs, imports)']]);
  expect(unfitTables(night, backfill(0.2, ['jobs']))).toEqual([['imports'], ['ValuesDoNotFit (imports)']]);
  expect(unfitTables(night, backfill(0.2, ['jobs', 'imports']))).toEqual([[], []]);
});

it('a backfill that meets them again tells them in place of the night', () => {
  const night = unfitIn(nightAfter(0), ['jobs', 'imports']);
  const [page] = unfitTables(night, backfill(0.2, ['jobs'], ['jobs']));
  expect(page?.toSorted()).toEqual(['imports', 'jobs']);
});
