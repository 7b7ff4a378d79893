/** A nightly run of some tables only (`start --streams`) is no night: what the last one left stays until it is read. */

import { expect, it } from 'vitest';
import type { RunReport, TableReport } from '../../../lambdas/contract/run-report.ts';
import { emptyPageState, type EndedRun, withRun } from '../../../lambdas/core/page/page-state.ts';
import { renderPage } from '../../../lambdas/core/page/render-page.ts';
import { standingProblems } from '../../../lambdas/core/page/standing-problems.ts';
import { runProblems } from '../../../lambdas/core/publish/run-problems.ts';
import { emptyState } from '../../../lambdas/core/runs/pipeline-state.ts';
import { streamNamed, streams } from '../../../lambdas/streams/registry.ts';
import { verdict } from '../../../ops/status/verdict.ts';
import { nightAfter, pageSettings, renderedAt } from '../../support/page-nights.ts';
import { calm } from '../../support/status-facts.ts';
import { unfitColumn } from '../../support/unfit-column.ts';

const error = { code: 'forbidden', message: 'The API answered 403.', requestId: null };
const refused: Partial<TableReport> = { status: 'failed', error };

/** The run with the problems that publish finds. */
function ended(run: EndedRun, fields: Partial<RunReport> = {}): EndedRun {
  const report = { ...run.report, ...fields };
  const problemsOf = (of: RunReport) =>
    runProblems(of, emptyState, { expectedHours: 27, streamNamed }).map((one) => ({ ...one, tables: [...one.tables] }));
  return { ...run, report, problemsOf, problems: problemsOf(report) };
}

/** A nightly run of these tables only, because its request named them. */
function restricted(nights: number, names: readonly string[], tables: Record<string, Partial<TableReport>> = {}) {
  const run = nightAfter(nights, { tables });
  const read = Object.fromEntries(Object.entries(run.report.tables).filter(([name]) => names.includes(name)));
  const isComplete = Object.values(read).every(({ status }) => status === 'complete');
  const status = isComplete ? 'complete' : 'partial';
  return ended(run, { requestedStreams: [...names], tables: read, status });
}

/** What the page and the status say. */
function told(...runs: EndedRun[]) {
  const state = runs.reduce(withRun, emptyPageState);
  const [, headline = ''] = /([^>]*)<\/h1>/.exec(renderPage(state, pageSettings, '%content%', renderedAt)) ?? [];
  const reports = runs.map(({ report }) => report).toReversed();
  const allTables = streams.map(({ name }) => name);
  return {
    headline,
    problems: standingProblems(state).map(({ problem, tables }) => `${problem} ${tables.join()}`),
    status: verdict({ ...calm, runs: reports, allTables, isWell: reports.length === 0 }),
  };
}

const night = ended(nightAfter(0, { tables: { jobs: refused, imports: refused } }));

it('leaves the problems of the tables that it does not read, on the page and in the status', () => {
  const before = told(night);
  expect(before.headline).toMatch(/^The last night left 2 tables incomplete/);
  expect(told(night, restricted(0.2, ['identity']))).toEqual(before);
});

it('solves the problems of the tables that it reads, and no other', () => {
  const { headline, problems, status } = told(night, restricted(0.2, ['jobs']), restricted(0.3, ['identity']));
  expect(headline).toMatch(/^The last night left 1 table incomplete/);
  expect(problems).toEqual(['ScopeMissing imports']);
  expect(status).toContain('The last night left 1 table incomplete: ScopeMissing (imports)');
  const all = told(night, restricted(0.2, ['jobs']), restricted(0.3, ['imports']));
  expect(all.headline).toBe('Every table is up to date as of 1 Jan 2026, 02:00 UTC');
  expect(all.problems).toEqual([]);
});

it('adds the problems that it meets itself', () => {
  const { problems, status } = told(night, restricted(0.2, ['leads'], { leads: refused }));
  expect(problems.toSorted()).toEqual(['ScopeMissing imports,jobs', 'ScopeMissing leads']);
  expect(status).toContain('left 3 tables incomplete: ScopeMissing (');
});

it('takes the values that do not fit from no table that it does not read', () => {
  const unfit = ended(nightAfter(0), { unfitColumns: [{ ...unfitColumn, table: 'jobs' }] });
  expect(told(unfit, restricted(0.2, ['identity']))).toEqual(told(unfit));
  expect(told(unfit, restricted(0.2, ['jobs'])).problems).toEqual([]);
});

it('counts together with the others if no night has read all tables', () => {
  const { headline, status } = told(restricted(0, ['jobs'], { jobs: refused }), restricted(0.2, ['identity']));
  expect(headline).toMatch(/^The last night left 1 table incomplete/);
  expect(status).toContain('ScopeMissing (jobs)');
  expect(told(restricted(0, ['jobs']), restricted(0.2, ['identity'])).headline).toMatch(
    /^2 tables are up to date as of .*; \d+ others are not asked for$/,
  );
});

it('gives way to the next night', () => {
  expect(told(restricted(0, ['jobs'], { jobs: refused }), ended(nightAfter(1))).problems).toEqual([]);
});
