import { expect, it } from 'vitest';
import { emptyPageState, withRun } from '../../../lambdas/core/page/page-state.ts';
import { standingProblems } from '../../../lambdas/core/page/standing-problems.ts';
import { pipe } from '../../../local/cli/terminal.ts';
import { statusLines } from '../../../ops/status/status-lines.ts';
import { nightAfter } from '../../support/page-nights.ts';
import { calm, night } from '../../support/status-facts.ts';

const rejection = {
  runId: 'nightly-20261119T020000000Z',
  at: '2026-11-19T02:00:00.000Z',
  since: '2026-11-18T02:00:00.000Z',
  rows: 30,
  of: 1_000,
  isRepeated: false,
  nights: 0,
};
const rejected = { leads: rejection, jobs: { ...rejection, solvedAt: '2026-11-20T02:00:00.000Z' } };
const message =
  'Rows without a usable key, which no later run has read again: leads 30 of 1,000, since 2026-11-18. The table rejected_rows has them. This ends when a run reads the whole table and rejects none. To read everything now: npx prospect-lake ops run --full-refresh';

it('rows that an earlier night rejected are told by status and page until they were read again', () => {
  const told = statusLines({ ...calm, runs: [night(24)], rejected, isWell: false }, pipe);
  expect(told[0]).toContain('but this needs you: RowsRejected (leads)');
  expect(told.slice(1, 3).join('')).toBe(
    `  RowsRejected (leads): ${message.replace(/ npx.*/, '')}    npx prospect-lake ops run --full-refresh`,
  );
  const page = standingProblems(withRun(emptyPageState, { ...nightAfter(0), rejected }));
  expect(page).toMatchObject([
    { problem: 'RowsRejected', message, tables: ['leads'], run: { runId: rejection.runId } },
  ]);
});

it('rows of the newest run are told once, with that run', () => {
  const own = { leads: { ...rejection, runId: night(24).runId } };
  expect(statusLines({ ...calm, runs: [night(24)], rejected: own }, pipe)[1]).not.toContain('RowsRejected');
});
