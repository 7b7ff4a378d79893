/** Whole screens, as a person sees them after `npm start`. */

import { styleText } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import { isSuccess, type SummaryOptions, summaryOf } from '../../../local/cli/summary.ts';
import { pipe } from '../../../local/cli/terminal.ts';
import { tableReport } from '../../support/table-report.ts';
import { unfitColumn } from '../../support/unfit-column.ts';

const at = '2026-11-24T02:00:00.000Z';
const run = (fields: Partial<RunReport>): RunReport => ({
  runId: 'nightly-20261124T020000000Z',
  kind: 'nightly',
  status: 'complete',
  startedAt: at,
  finishedAt: '2026-11-24T02:00:51.400Z',
  tables: {},
  ...fields,
});
const healthy = run({
  tables: {
    leads: tableReport({ rowsWritten: 300, rowsChanged: 300 }),
    campaigns: tableReport({ rowsWritten: 4, rowsChanged: 4 }),
    lead_activities: tableReport({ rowsWritten: 1_805, rowsChanged: 1_805 }),
    lead_messages: tableReport({ rowsWritten: 588, rowsChanged: 588 }),
  },
});
const error = { code: 'forbidden', message: 'The API key may not do this. Give the key the scope.', requestId: null };
const bad = run({
  status: 'partial',
  tables: {
    ...healthy.tables,
    imports: tableReport({ status: 'failed', rowsWritten: 0, rowsChanged: 0, error }),
    import_errors: tableReport({ status: 'failed', rowsWritten: 0, rowsChanged: 0, error }),
    jobs: tableReport({
      rowsExtracted: 200,
      rowsWritten: 197,
      rowsRejected: 3,
      notes: ['The list has no pagination.'],
    }),
  },
});
/** The problems and the counts, as they stand in the terminal. */
const screen = (report: RunReport, options: Partial<SummaryOptions> = {}) =>
  summaryOf(report, { out: '.prospect-lake', terminal: pipe, allTables: false, ...options });
const columns = (width: number) => ({ terminal: { width, hasColour: false } });

it('a run that the API slowed down says so in its notes', () => {
  const limited = { answers: 4, milliseconds: 840_000 };
  expect(screen({ ...healthy, limited })).toContain(
    'Notes:\n  The API slowed this run down: 4 of 8 requests were answered 429, and the run waited 14 min for that. If this happens each night, lower requestsPerMinute, or ask ProspectB2B for a larger budget.\n',
  );
});

describe('a run without problems', () => {
  it('takes two sentences', () => {
    expect(screen(healthy)).toBe(`Run nightly-20261124T020000000Z is complete: 2,697 rows in 4 tables, 51 s.

4 tables complete, 2,697 rows, 2,697 new or changed (lead_activities 1,805, lead_messages 588, leads 300 and 1 more). --all-tables lists each.`);
  });

  it('lists each table if it is asked to', () => {
    expect(screen(healthy, { allTables: true })).toBe(
      `Run nightly-20261124T020000000Z is complete: 2,697 rows in 4 tables, 51 s.

table            status     rows  changed  KiB  requests
───────────────  ────────  ─────  ───────  ───  ────────
leads            complete    300      300    1         2
campaigns        complete      4        4    1         2
lead_activities  complete  1,805    1,805    1         2
lead_messages    complete    588      588    1         2`,
    );
  });
});

it('tells a note once that is the same for several tables, also if it names each', () => {
  const noted = (name: string) => tableReport({ notes: [`The list of ${name} came without "pagination".`] });
  const names = ['leads', 'campaigns', 'jobs', 'imports', 'referrals'];
  const text = screen(run({ tables: Object.fromEntries(names.map((name) => [name, noted(name)])) }));
  expect(text).toContain('leads, campaigns and 3 more: The list of leads came without "pagination".');
  expect(text.match(/came without/g)).toHaveLength(1);
});

it('tells once of a table of which every row was rejected', () => {
  const message = 'The only row that the API gave was set aside. Then: npx prospect-lake ops replay-rejected';
  const rejected = { status: 'failed' as const, rowsExtracted: 1, rowsWritten: 0, rowsRejected: 1 };
  const imports = tableReport({ ...rejected, error: { code: 'all_rejected', message, requestId: null } });
  const text = screen(run({ status: 'partial', tables: { ...healthy.tables, imports } }));
  expect(text.match(/RowsRejected/g)).toHaveLength(1);
  expect(text).toContain('npx prospect-lake ops replay-rejected\n');
});

it('names the tables that gave no rows, those that were not due, and those that were not read', () => {
  const none = { rowsExtracted: 0, rowsWritten: 0, rowsChanged: 0 };
  const unfinished = { ...error, code: 'unfinished' };
  const tables = {
    ...healthy.tables,
    tasks: tableReport(none),
    task_events: tableReport({ ...none, requests: 0 }),
    jobs: tableReport({ ...none, status: 'failed', error }),
    job_events: tableReport({ ...none, status: 'partial', error: unfinished }),
    imports: tableReport({ ...none, status: 'partial', error: { ...error, code: 'deletions_held' } }),
    import_errors: tableReport({ ...none, status: 'failed', rowsExtracted: 9, rowsRejected: 9 }),
  };
  expect(screen(run({ status: 'partial', tables }))).toMatch(
    /: 2,697 rows in 4 tables, 51 s\. 9 more were rejected\. Only rejected rows: import_errors\. The API gave no rows of tasks\. Not due, so not asked for: task_events\. Not read: jobs, job_events\.\n/,
  );
  expect(screen(run({ status: 'partial', tables }))).toContain('5 other tables complete, ');
});

describe('a run that failed before it read anything', () => {
  it('says why, once, and lists no table', () => {
    const tables = Object.fromEntries(
      ['leads', 'jobs', 'campaigns'].map((name) => [name, tableReport({ status: 'failed', rowsWritten: 0, error })]),
    );
    expect(screen(run({ status: 'failed', tables }))).toBe(`Run nightly-20261124T020000000Z failed after 51 s.

Problems:
  ScopeMissing: The API key may not do this. Give the key the scope.
  docs/runbook.md has a section for each of these names.`);
  });
});

describe('a run with problems', () => {
  const problems = `Problems:
  ScopeMissing (imports, import_errors):
    The API key may not do this. Give the key the scope.
  RowsRejected (jobs 3 of 200): they have no usable key. The table rejected_rows says why.
    npx prospect-lake query "SELECT table_name, reason, count(*) FROM rejected_rows GROUP BY 1, 2"
  docs/runbook.md has a section for each of these names.`;
  const details = `Notes:
  jobs: The list has no pagination.

table          status    rows  changed  rejected  KiB  requests
─────────────  ────────  ────  ───────  ────────  ───  ────────
imports        failed       0        0         0    1         2
import_errors  failed       0        0         0    1         2
jobs           complete   197        3         3    1         2`;

  it('has them before the notes and the tables, in a pipe', () => {
    expect(
      screen(bad),
    ).toBe(`Run nightly-20261124T020000000Z is partial: 2,894 rows in 5 tables, 51 s. 3 more were rejected. Not read: imports, import_errors.

${problems}

${details}

4 other tables complete, 2,697 rows, 2,697 new or changed (lead_activities 1,805, lead_messages 588, leads 300 and 1 more). --all-tables lists each.`);
  });

  it('fits 80 columns', () => {
    expect(
      screen(bad, columns(80)),
    ).toBe(`Run nightly-20261124T020000000Z is partial: 2,894 rows in 5 tables, 51 s. 3 more
were rejected. Not read: imports, import_errors.

${problems.replace('rejected_rows says why', 'rejected_rows\n  says why')}

${details}

4 other tables complete, 2,697 rows, 2,697 new or changed (lead_activities
1,805, lead_messages 588, leads 300 and 1 more). --all-tables lists each.`);
  });

  it('fits 40 columns: a row becomes a list', () => {
    expect(screen(bad, columns(40))).toBe(`Run nightly-20261124T020000000Z is
partial: 2,894 rows in 5 tables, 51 s. 3
more were rejected. Not read: imports,
import_errors.

Problems:
  ScopeMissing (imports, import_errors):
    The API key may not do this. Give
    the key the scope.
  RowsRejected (jobs 3 of 200): they
  have no usable key. The table
  rejected_rows says why.
    npx prospect-lake query "SELECT table_name, reason, count(*) FROM rejected_rows GROUP BY 1, 2"
  docs/runbook.md has a section for each
  of these names.

Notes:
  jobs: The list has no pagination.

table     imports
status    failed
rows      0
changed   0
rejected  0
KiB       1
requests  2
──────────────────
table     import_errors
status    failed
rows      0
changed   0
rejected  0
KiB       1
requests  2
──────────────────
table     jobs
status    complete
rows      197
changed   3
rejected  3
KiB       1
requests  2

4 other tables complete, 2,697 rows,
2,697 new or changed (lead_activities
1,805, lead_messages 588, leads 300 and
1 more). --all-tables lists each.`);
  });

  it('are coloured where colours can be seen', () => {
    const lines = screen(bad, { terminal: { width: 200, hasColour: true } }).split('\n');
    const [first] = lines;
    expect(first).toBe(styleText(['bold', 'yellow'], screen(bad).split('\n')[0] ?? '', { validateStream: false }));
    expect(lines).toContain(styleText(['bold', 'red'], 'Problems:', { validateStream: false }));
  });
});

it('columns whose values do not fit are a problem', () => {
  expect(screen(run({ unfitColumns: [unfitColumn] }))).toMatch(
    /Problems:\n {2}ValuesDoNotFit: created_at is null in jobs: the API gives whole numbers instead of times\. The values are kept/,
  );
});

it.each([
  ['nothing was rejected', healthy, true],
  [
    'one row in a hundred was rejected',
    run({ tables: { jobs: tableReport({ rowsExtracted: 300, rowsRejected: 3 }) } }),
    true,
  ],
  [
    'more rows of a table were rejected',
    run({ tables: { ...healthy.tables, jobs: tableReport({ rowsExtracted: 299, rowsRejected: 3 }) } }),
    false,
  ],
  ['a table is incomplete', bad, false],
  ['the values of a column do not fit', run({ unfitColumns: [unfitColumn] }), false],
  [
    'the API still gives a forgotten person',
    run({ forgotten: { stillGiven: 1, stillGivenIn: ['leads'], released: 0, remembered: 1 } }),
    false,
  ],
  [
    'the API no longer gives a forgotten person',
    run({ forgotten: { stillGiven: 0, stillGivenIn: [], released: 0, remembered: 1 } }),
    true,
  ],
])('whether start succeeds if %s', (_, report, success) => {
  expect(isSuccess(report)).toBe(success);
});

it('a run that is complete names forgotten rows that the API still gives among the problems', () => {
  const forgotten = { stillGiven: 2, stillGivenIn: ['leads', 'inbox_threads'], released: 0, remembered: 2 };
  expect(screen({ ...healthy, forgotten })).toContain(
    'Problems:\n  ForgottenStillGiven: The API still gives 2 rows that were forgotten: leads, inbox_threads. ',
  );
  expect(screen({ ...healthy, forgotten: { ...forgotten, unseen: 2 } })).toContain(
    'ForgottenStillGiven: Nothing shows yet whether the API still gives 2 rows that were forgotten: leads, inbox_threads. ',
  );
  expect(screen({ ...healthy, forgotten: { ...forgotten, unseen: 1 } })).toContain(
    'The API still gives 1 row that was forgotten. Nothing shows yet whether the API still gives 1 row that was forgotten: leads',
  );
});

it('a run that found rows missing says what became of them', () => {
  const suspecting = run({ tables: { inbox_threads: tableReport({ rowsSuspected: 15 }) } });
  const confirmed = run({ kind: 'confirm', tables: { inbox_threads: tableReport() } });
  const told = screen(suspecting, { confirmed });
  expect(told).toContain('15 rows of inbox_threads that the API did not give: all exist, so the list is cut short');
  expect(told).not.toContain('0 rows were deleted');
});
