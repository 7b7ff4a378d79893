import { expect, it } from 'vitest';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import { solvedSince } from '../../../lambdas/core/publish/solved-since.ts';
import { pipe } from '../../../local/cli/terminal.ts';
import { runNotes } from '../../../ops/status/run-notes.ts';
import { streams } from '../../../lambdas/streams/registry.ts';
import { nightAfter, pageAfter } from '../../support/page-nights.ts';

const error = { code: 'unavailable', message: 'The API answered 500.', requestId: null };
const failed = { status: 'failed' as const, error };
const now = new Date('2026-01-01T09:00:00.000Z');
const told = (report: RunReport) => runNotes({ runs: [report], opsFlags: '', plans: new Map() }, pipe).join('\n');

it('a problem that a replay of dead letters solved is told as solved, by the status and on the page', () => {
  const before = nightAfter(0, { tables: { jobs: failed, imports: failed } }).report;
  const half = nightAfter(0, { tables: { imports: failed } });
  const solved = solvedSince(before, half.report, streams, now);
  expect(solved).toEqual([{ problem: 'RunPartial', tables: ['jobs'], at: now.toISOString() }]);
  const partly: RunReport = { ...half.report, solved };
  const whole = nightAfter(0);
  const report = { ...whole.report, solved: solvedSince(partly, whole.report, streams, now) };
  const text =
    'Solved since, because work was sent again or deletions were approved: RunPartial (jobs), RunPartial (imports)';
  expect(told(report)).toBe(`${text} in ${report.runId}.`);
  expect(pageAfter({ ...whole, report })).toContain(`<li>${text}.</li>`);
});

it('nothing is solved by the first report of a run', () => {
  expect(solvedSince(undefined, nightAfter(0).report, streams, now)).toEqual([]);
  expect(told(nightAfter(0).report)).not.toContain('Solved');
});
