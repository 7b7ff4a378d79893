import { expect, it } from 'vitest';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import { pipe } from '../../../local/cli/terminal.ts';
import { runNotes } from '../../../ops/status/run-notes.ts';
import { tableReport } from '../../support/table-report.ts';

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
const told = (...runs: RunReport[]) => runNotes({ runs, opsFlags: '', wholeAt: new Map() }, pipe);

it('folds the problems of earlier nights that a later night has solved into one line', () => {
  expect(told(after(24, [], ['jobs', 'imports']), after(23, ['jobs']), after(22, ['jobs', 'imports']))).toEqual([
    'Solved since, because later nights did not meet it again: RunPartial (jobs) in nightly-20261123T020000000Z; RunPartial (jobs, imports) in nightly-20261122T020000000Z.',
  ]);
  expect(told(after(24, [], ['jobs']), after(23, ['jobs']), after(22, ['jobs']))).toEqual([
    'Solved since, because later nights did not meet it again: RunPartial (jobs) in 2 nights, last in nightly-20261123T020000000Z.',
  ]);
});

it('keeps a problem whose tables no later night has read', () => {
  const lines = told(after(24, ['imports']), after(23, ['jobs']), after(22, ['imports']));
  expect(lines).toContain('nightly-20261123T020000000Z: RunPartial (jobs)');
  expect(lines).toContain('nightly-20261122T020000000Z: RunPartial (imports)');
  expect(lines.join()).not.toContain('Solved');
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
    'Solved since, because later nights did not meet it again: KeyRefused (all tables) in nightly-20261123T020000000Z.',
  );
  const unread = told(
    { ...isRefused, runId: 'nightly-20261124T020000000Z', startedAt: '2026-11-24T02:00:00.000Z' },
    after(22, ['jobs']),
  );
  expect(unread).toContain('nightly-20261122T020000000Z: RunPartial (jobs)');
});
