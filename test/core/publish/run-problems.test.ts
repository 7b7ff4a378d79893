import { describe, expect, it } from 'vitest';
import type { RunReport, TableReport } from '../../../lambdas/contract/run-report.ts';
import type { PipelineState } from '../../../lambdas/contract/pipeline-state.ts';
import { runProblems } from '../../../lambdas/core/publish/run-problems.ts';
import { heldMessage } from '../../../lambdas/core/runs/held-deletions.ts';
import { emptyState } from '../../../lambdas/core/runs/pipeline-state.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { tableReport } from '../../support/table-report.ts';

const failing = (code: string) => tableReport({ status: 'failed', error: { code, message: 'Jane', requestId: null } });
const report = (tables: Record<string, TableReport>, fields: Partial<RunReport> = {}): RunReport => ({
  runId: 'nightly-20261124T020000Z',
  kind: 'nightly',
  status: 'partial',
  startedAt: '2026-11-24T02:00:00.000Z',
  finishedAt: '2026-11-24T03:00:00.000Z',
  tables,
  ...fields,
});
const found = (of: RunReport, state: PipelineState = emptyState) =>
  runProblems(of, state, { expectedHours: 27, streamNamed });
const told = (of: RunReport, state?: PipelineState) => found(of, state).map(({ problem, tables }) => [problem, tables]);

describe('the problems of a run', () => {
  it('are none if it is complete', () => {
    expect(told(report({ leads: tableReport(), jobs: tableReport() }, { status: 'complete' }))).toEqual([]);
  });

  it('are one for each cause, under its own name if it has one', () => {
    const tables = {
      leads: failing('forbidden'),
      lead_messages: failing('parent_failed'),
      jobs: failing('deletions_held'),
      imports: failing('unavailable'),
      campaigns: failing('overdue'),
      messages: tableReport({ rowsRejected: 2 }),
    };
    expect(told(report(tables))).toEqual([
      ['ScopeMissing', ['leads']],
      ['DeletionsHeld', ['jobs']],
      ['RunPartial', ['imports', 'campaigns']],
      ['RowsRejected', ['messages']],
    ]);
  });

  it('are one if the key was refused, however many tables failed for it', () => {
    const tables = { leads: failing('unauthorized'), jobs: failing('unauthorized') };
    expect(told(report(tables, { status: 'failed' }))).toEqual([['KeyRefused', ['leads', 'jobs']]]);
  });

  it('are never none if the run is not complete', () => {
    for (const code of ['secret', 'items_failed', 'unfinished', 'all_missing', 'internal', 'a code of tomorrow'])
      for (const status of ['failed', 'partial'] as const)
        expect(told(report({ leads: failing(code) }, { status }))).toEqual([
          [status === 'failed' ? 'RunFailed' : 'RunPartial', ['leads']],
        ]);
  });

  it('name the scope that is missing, and repeat no message of an error', () => {
    const messages = found(report({ leads: failing('forbidden'), jobs: failing('internal') })).map(
      ({ message }) => message,
    );
    expect(messages[0]).toContain(`the scope ${streamNamed('leads').scope}`);
    expect(messages[1]).toContain('internal in jobs');
    expect(messages.join()).not.toContain('Jane');
  });

  it('name each table of a failure, and the vendor’s id of a request', () => {
    const down = (requestId: string | null) =>
      tableReport({ status: 'failed', error: { code: 'unavailable', message: 'It failed.', requestId } });
    const tables = ['leads', 'jobs', 'imports', 'exports', 'campaigns'];
    const failed = Object.fromEntries(tables.map((name, index) => [name, down(`req_${index}`)]));
    expect(found(report({ ...failed, identity: tableReport() })).map(({ message }) => message)).toEqual([
      'The run nightly-20261124T020000Z is partial: unavailable in leads, jobs, imports, exports, campaigns. The vendor’s request id: req_0.',
    ]);
    expect(found(report(failed, { status: 'failed' })).map(({ message }) => message)).toEqual([
      'The run nightly-20261124T020000Z failed. It failed. The vendor’s request id: req_0.',
    ]);
  });

  it('say of held deletions how many rows of how many are missing, and once how to approve them', () => {
    const runId = 'nightly-20261124T020000Z';
    const held = (seen: string) =>
      tableReport({
        status: 'partial',
        error: { code: 'deletions_held', message: heldMessage(seen, ['jobs'], runId), requestId: null },
      });
    const jobs = held('The API gave an empty list of jobs, but the table has 30 rows.');
    const imports = held('The API no longer gave 9 of the 12 rows of imports.');
    expect(found(report({ jobs, imports })).map(({ message }) => message)).toEqual([
      `In the run ${runId}: The API gave an empty list of jobs, but the table has 30 rows. The API no longer gave 9 of the 12 rows of imports. Nothing was deleted. See which of these rows the API still gives: npx prospect-lake ops audit --stream jobs,imports. If they exist, and the API’s lists are whole again, this settles it: npx prospect-lake ops run --full-refresh. If they are deleted in ProspectB2B, approve it: npx prospect-lake ops approve-deletions --run ${runId}.`,
    ]);
  });

  it('say why rows were set aside', () => {
    expect(
      found(report({ referrals: tableReport({ rowsExtracted: 100, rowsRejected: 4 }) })).map(({ message }) => message),
    ).toEqual([
      'The run nightly-20261124T020000Z set rows aside in rejected_rows: referrals 4 of 100. They have no usable key. The table rejected_rows says why.',
    ]);
  });

  it('are forgotten rows that the API still gives, of a night', () => {
    const forgotten = { stillGiven: 1, stillGivenIn: ['leads'], released: 0, remembered: 2 };
    const night = report({ leads: tableReport() }, { status: 'complete', forgotten });
    expect(found(night)).toMatchObject([
      { problem: 'ForgottenStillGiven', message: expect.stringContaining('still gives 1 row'), tables: ['leads'] },
    ]);
    expect(told({ ...night, kind: 'refresh' })).toEqual([]);
    expect(told({ ...night, forgotten: { stillGiven: 0, released: 2, remembered: 0 } })).toEqual([]);
  });

  it('are rows that only rereading found, above one in a hundred of those that were read', () => {
    const healed = (rowsHealed: number) => report({ leads: tableReport({ rowsExtracted: 1_000, rowsHealed }) });
    expect(told(healed(10))).toEqual([]);
    expect(told(healed(11))).toEqual([['RowsHealed', ['leads']]]);
    expect(told({ ...healed(11), kind: 'refresh' })).toEqual([]);
  });

  it('are tables that were not whole for twice as long as a night may be missing, one under way too, and no former one', () => {
    const at = (hours: number) => new Date(Date.parse('2026-11-24T03:00:00.000Z') - hours * 3_600_000).toISOString();
    const mark = (hours: number) => ({ at: at(hours), runId: 'nightly-20261101T020000Z' });
    const state = {
      ...emptyState,
      watermarks: { leads: mark(1), jobs: mark(54), campaigns: mark(55), imports: mark(53.9), former: mark(999) },
      underWay: { 'nightly-20261122T020000Z': { startedAt: at(49), deadline: at(1), streams: ['campaigns'] } },
    };
    const tables = { leads: tableReport(), jobs: tableReport(), imports: tableReport() };
    expect(told(report(tables), state)).toEqual([['TableStale', ['jobs', 'campaigns']]]);
  });
});
