import { describe, expect, it } from 'vitest';
import { confirmOutcome } from '../../../lambdas/core/runs/confirm-outcome.ts';
import { streams } from '../../../lambdas/streams/registry.ts';
import { tableReport } from '../../support/table-report.ts';

const withId = streams.find(({ byId }) => byId !== undefined)?.name ?? '';
const withoutId = streams.find(({ byId }) => byId === undefined)?.name ?? '';
const outcome = (table: string, answer: Parameters<typeof tableReport>[0]) =>
  confirmOutcome(
    { tables: { [table]: tableReport({ rowsSuspected: 15 }), another: tableReport() } },
    { tables: { [table]: tableReport(answer) } },
    streams,
  );

describe('the outcome of asking again for rows that a list did not give', () => {
  it('is that the list is cut short if the API gives the rows by their ids', () => {
    expect(outcome(withId, { rowsDeleted: 0 })).toEqual([
      `15 rows of ${withId} that the API did not give: all exist, so the list is cut short: report it to the vendor.`,
    ]);
    expect(outcome(withId, { rowsDeleted: 12 })).toEqual([
      `15 rows of ${withId} that the API did not give: 12 were deleted, 3 exist, so the list is cut short: report it to the vendor.`,
    ]);
  });

  it('is that nothing can be told if the API gives no row by its id, not even those that exist', () => {
    expect(outcome(withId, { rowsDeleted: 0, rowsExtracted: 0, missing: 18 })).toEqual([
      `15 rows of ${withId} that the API did not give: the API gave no row by its id, so its 404 says nothing and none was deleted. Report it to the vendor.`,
    ]);
  });

  it('is that nothing can be told if no other row exists to try', () => {
    expect(outcome(withId, { rowsDeleted: 0, rowsExtracted: 0, missing: 15 })).toEqual([
      `15 rows of ${withId} that the API did not give: the table has no other row with which the API’s answers by id can be tried, so none was deleted.`,
    ]);
  });

  it('is how many were deleted', () => {
    expect(outcome(withId, { rowsDeleted: 15 })).toEqual([
      `15 rows of ${withId} that the API did not give: all were deleted.`,
    ]);
    expect(outcome(withoutId, { rowsDeleted: 12 })).toEqual([
      `15 rows of ${withoutId} that the API did not give: 12 were deleted, 3 exist.`,
    ]);
  });

  it('is of the rows that were asked for, if there were too many for one run', () => {
    const missing = { tables: { [withId]: tableReport({ rowsSuspected: 5_000 }) } };
    expect(confirmOutcome(missing, { tables: { [withId]: tableReport({ rowsDeleted: 2_000 }) } }, streams)).toEqual([
      `2,000 of 5,000 rows of ${withId} that the API did not give: all were deleted.`,
    ]);
  });

  it('is why nothing was settled', () => {
    const error = { code: 'unavailable', message: 'The API answered 500.', requestId: null };
    expect(outcome(withId, { status: 'failed', error })).toEqual([
      `15 rows of ${withId} that the API did not give: the second question did not settle it. The API answered 500.`,
    ]);
  });
});
