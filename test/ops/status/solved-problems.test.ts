import { expect, it } from 'vitest';
import type { PipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import { failureOf } from '../../../lambdas/core/errors.ts';
import { DamagedObjectError } from '../../../lambdas/core/store/stored-object.ts';
import { pipe } from '../../../local/cli/terminal.ts';
import { runNotes } from '../../../ops/status/run-notes.ts';
import { needsOf } from '../../../ops/status/needs.ts';
import { tableReport } from '../../support/table-report.ts';
import { unfitColumn } from '../../support/unfit-column.ts';

const error = { code: 'unavailable', message: 'The API answered 500.', requestId: null };
/** A run that read these tables: those in `failed` with an error, and leads and those in `read` without. */
function after(
  day: number,
  failed: readonly string[],
  read: readonly string[] = [],
  kind: RunReport['kind'] = 'nightly',
) {
  const tables = {
    ...Object.fromEntries(['leads', ...read].map((name) => [name, tableReport()])),
    ...Object.fromEntries(failed.map((name) => [name, tableReport({ status: 'failed', error })])),
  };
  const report: RunReport = {
    runId: `${kind}-202611${day}T020000000Z`,
    kind,
    status: failed.length > 0 ? 'partial' : 'complete',
    startedAt: `2026-11-${day}T02:00:00.000Z`,
    finishedAt: `2026-11-${day}T02:12:30.000Z`,
    tables,
  };
  return report;
}
const told = (...runs: RunReport[]) => runNotes({ runs, opsFlags: '', plans: new Map() }, pipe);

it('folds the problems of earlier nights that a later night has solved into one line', () => {
  expect(told(after(24, [], ['jobs', 'imports']), after(23, ['jobs']), after(22, ['jobs', 'imports']))).toEqual([
    'Solved since, because later runs did not meet it again: RunPartial (jobs) in nightly-20261123T020000000Z; RunPartial (jobs, imports) in nightly-20261122T020000000Z.',
  ]);
  expect(told(after(24, [], ['jobs']), after(23, ['jobs']), after(22, ['jobs']))).toEqual([
    'Solved since, because later runs did not meet it again: RunPartial (jobs) in 2 runs, last in nightly-20261123T020000000Z.',
  ]);
});

it('keeps a problem whose tables no later night has read', () => {
  const lines = told(after(24, ['imports']), after(23, ['jobs']), after(22, ['exports']));
  expect(lines).toContain('nightly-20261123T020000000Z: RunPartial (jobs)');
  expect(lines).toContain('nightly-20261122T020000000Z: RunPartial (exports)');
  expect(lines.join()).not.toContain('Solved');
});

it('tells a cause that several nights met once, with their number', () => {
  const lines = told(after(24, ['jobs']), after(23, []), after(22, ['jobs']), after(21, ['jobs']));
  expect(lines.filter((line) => line.includes('RunPartial'))).toEqual([
    '  RunPartial (jobs), in 3 of the 4 nights shown: The API answered 500.',
  ]);
});

it('keeps the problem of a backfill: a night need not read what it did not', () => {
  const lines = told(after(24, [], ['jobs']), after(23, ['jobs'], [], 'backfill'));
  expect(lines).toContain('backfill-20261123T020000000Z: RunPartial (jobs)');
});

it('calls a refused key solved although a later night lacks a scope, and nothing solved by a night that failed', () => {
  const failed = (night: RunReport, code: string, status: RunReport['status']): RunReport => ({
    ...night,
    status,
    tables: { ...night.tables, jobs: tableReport({ status: 'failed', error: { ...error, code } }) },
  });
  const refused = after(23, ['leads', 'jobs'], []);
  const tables = Object.fromEntries(
    Object.keys(refused.tables).map((name) => [
      name,
      tableReport({ status: 'failed', error: { ...error, code: 'unauthorized' } }),
    ]),
  );
  const isRefused: RunReport = { ...refused, status: 'failed', tables };
  const lines = told(failed(after(24, []), 'forbidden', 'partial'), isRefused);
  expect(lines).toContain(
    'Solved since, because later runs did not meet it again: KeyRefused (all tables) in nightly-20261123T020000000Z.',
  );
  const unread = told(
    { ...isRefused, runId: 'nightly-20261124T020000000Z', startedAt: '2026-11-24T02:00:00.000Z' },
    after(22, ['jobs']),
  );
  expect(unread).toContain('nightly-20261122T020000000Z: RunPartial (jobs)');
});

const rejecting = (run: RunReport, table: string, fields: Partial<RunReport['tables'][string]> = {}): RunReport => ({
  ...run,
  tables: { ...run.tables, [table]: tableReport({ rowsRejected: 1, ...fields }) },
});
const rejection = {
  runId: 'nightly-20261123T020000000Z',
  at: '2026-11-23T02:00:00.000Z',
  since: '2026-11-23T02:00:00.000Z',
  rows: 3,
  of: 100,
  isRepeated: false,
  nights: 0,
};
const solvedOn24 = { solvedAt: '2026-11-24T02:12:30.000Z', solvedBy: 'nightly-20261124T020000000Z' };
const toldWith = (rejected: PipelineState['rejected'], ...runs: RunReport[]) =>
  runNotes({ runs, opsFlags: '', rejected, plans: new Map() }, pipe).join('\n');

it('calls rejected rows solved once a run has read all rows and rejected none, and says when', () => {
  const [later, night] = [after(24, [], ['jobs']), rejecting(after(23, []), 'jobs')];
  expect(toldWith({ jobs: { ...rejection, ...solvedOn24 } }, later, night)).toBe(
    'Solved since, because all rows were read again and none was rejected: RowsRejected (jobs, on 2026-11-24) in nightly-20261123T020000000Z.',
  );
  expect(toldWith({ jobs: rejection }, later, night)).toContain('nightly-20261123T020000000Z: RowsRejected (jobs 1)');
});

it('rejected rows of an earlier night need a person until then', () => {
  const night = after(24, [], ['jobs']);
  const needs = (rejected: PipelineState['rejected']) =>
    needsOf({ runs: [night], rejected, queues: [], missedRuns: 0 });
  expect(needs({ jobs: rejection })).toEqual(['RowsRejected (jobs)']);
  expect(needs({ jobs: { ...rejection, rows: 1 } })).toEqual([]);
  expect(needs({ jobs: { ...rejection, ...solvedOn24 } })).toEqual([]);
});

it('tells values that a backfill found not to fit, until a later backfill or night no longer says so', () => {
  const night = after(23, [], ['jobs']);
  const backfill = { ...after(24, [], ['jobs'], 'backfill'), unfitColumns: [unfitColumn] };
  expect(toldWith(undefined, backfill, night)).toContain('ValuesDoNotFit (jobs): created_at is null in jobs');
  expect(needsOf({ runs: [backfill, night], queues: [], missedRuns: 0 })).toEqual(['ValuesDoNotFit (jobs)']);
  const other = after(25, [], ['imports'], 'backfill');
  expect(needsOf({ runs: [other, backfill, night], queues: [], missedRuns: 0 })).toEqual(['ValuesDoNotFit (jobs)']);
  for (const kind of ['backfill', 'nightly'] as const) {
    const runs = [after(25, [], ['jobs'], kind), backfill, { ...night, unfitColumns: [unfitColumn] }];
    expect(needsOf({ runs, queues: [], missedRuns: 0 })).toEqual([]);
    expect(toldWith(undefined, ...runs)).toBe(
      `Solved since, because later runs did not meet it again: ValuesDoNotFit (jobs) in 2 runs, last in ${backfill.runId}.`,
    );
  }
});

it('says of values that fit again that other rows are still null, and gives the command that fills them', () => {
  const night = { ...after(23, [], ['jobs']), unfitColumns: [{ ...unfitColumn, fitsAgain: true as const }] };
  const lines = runNotes({ runs: [night], opsFlags: ' --local', plans: new Map() }, pipe);
  expect(lines.join('\n')).not.toContain('customColumns');
  expect(lines).toContain('    npx prospect-lake ops run --full-refresh --local');
});

it('calls values that did not fit solved once the newest night of the table no longer says so', () => {
  const night = { ...after(23, [], ['jobs']), unfitColumns: [unfitColumn] };
  expect(toldWith(undefined, after(24, [], ['jobs']), night)).toBe(
    'Solved since, because later runs did not meet it again: ValuesDoNotFit (jobs) in nightly-20261123T020000000Z.',
  );
  expect(toldWith(undefined, after(24, []), night)).not.toContain('Solved');
  expect(toldWith(undefined, { ...after(24, [], ['jobs']), unfitColumns: [unfitColumn] }, night)).not.toContain(
    'Solved',
  );
});

it('says that the configuration has a column for values that did not fit, which later runs meet again', () => {
  const night = { ...after(23, [], ['jobs']), unfitColumns: [unfitColumn] };
  const facts = { runs: [after(24, [], ['jobs']), night], opsFlags: '', plans: new Map() };
  const column = { type: 'integer', field: 'created_at' } as const;
  expect(runNotes({ ...facts, customColumns: { jobs: { created_at_integer: column } } }, pipe)).toEqual([
    'Solved since, because the configuration has a column for the values: ValuesDoNotFit (jobs, now in created_at_integer) in nightly-20261123T020000000Z.',
  ]);
  expect(runNotes({ ...facts, customColumns: { jobs: { other: column } } }, pipe)[0]).toContain('now in other');
  expect(runNotes({ ...facts, customColumns: { jobs: { other: { type: 'integer' } } } }, pipe)[0]).toContain(
    'later runs did not meet it again',
  );
});

it('says of a damaged object that an audit repaired it, and which run ends the problem', () => {
  const damage = failureOf(new DamagedObjectError('current/jobs/data/1.parquet', 'is missing'));
  const night = { ...after(23, []), status: 'partial' as const };
  const damaged = { ...night, tables: { ...night.tables, jobs: tableReport({ status: 'failed', error: damage }) } };
  const repair = { ...after(24, [], ['jobs'], 'backfill'), runId: 'backfill-20261124T020000000Z-audit' };
  expect(told(damaged).join(' ')).toContain('npx prospect-lake ops audit --repair');
  expect(told(repair, damaged)).toEqual([
    `${damaged.runId}:`,
    '  RunPartial (jobs): current/jobs/data/1.parquet is missing. Repaired at 02:12 UTC by backfill-20261124T020000000Z-audit. The next night that reads these tables ends this. To start it now:',
    '    npx prospect-lake ops run',
    'docs/runbook.md has a section for each of these names.',
  ]);
});
