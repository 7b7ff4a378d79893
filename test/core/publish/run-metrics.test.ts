import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../../lambdas/contract/run-report.ts';
import type { RunStatus } from '../../../lambdas/contract/run-status.ts';
import { countRun } from '../../../lambdas/core/publish/run-metrics.ts';
import { MemoryLog, MemoryMetrics } from '../../support/memory-log.ts';
import { tableReport } from '../../support/table-report.ts';

const table = (status: RunStatus) => tableReport({ status, rowsHealed: 1 });
const report = (kind: RunReport['kind'], status: RunStatus): RunReport => ({
  runId: `${kind}-20261124T020000Z`,
  kind,
  status,
  startedAt: '2026-11-24T02:00:00.000Z',
  finishedAt: '2026-11-24T03:30:00.000Z',
  tables: { leads: table('complete'), jobs: table(status), imports: table(status) },
});
const state = {
  watermarks: {
    leads: { at: '2026-11-24T02:00:00.000Z', runId: 'nightly-20261124T020000Z' },
    jobs: { at: '2026-11-22T02:00:00.000Z', runId: 'nightly-20261122T020000Z' },
  },
  rereads: {},
  resumes: {},
  underWay: {
    'nightly-20261123T020000Z': {
      startedAt: '2026-11-23T02:00:00.000Z',
      deadline: '2026-11-25T02:00:00.000Z',
      streams: ['jobs'],
    },
  },
};

describe('a run that is over', () => {
  const counted = (of: RunReport) => {
    const [metrics, log] = [new MemoryMetrics(), new MemoryLog()];
    countRun(of, state, { metrics, log });
    return { counts: Object.fromEntries(metrics.counts), lines: log.lines };
  };

  it('counts its status; a nightly run also counts as ended, with the age of its stalest table', () => {
    expect(counted(report('nightly', 'partial')).counts).toEqual({
      RunPartial: 1,
      NightlyRunEnded: 1,
      RowsHealed: 3,
      RowsRejected: 0,
      StalestTableHours: 49.5,
    });
  });

  it('does not count as a nightly run if it is of another kind', () => {
    expect(counted(report('refresh', 'complete')).counts).toEqual({});
  });

  it('does not count as this night’s run if a replay completed it late', () => {
    const replayed = { ...report('nightly', 'complete'), replayedAt: '2026-11-26T00:00:00.000Z' };
    expect(counted(replayed).counts).not.toHaveProperty('NightlyRunEnded');
  });

  it('includes the age of a table whose own run is still under way', () => {
    const ofLeads = { ...report('nightly', 'complete'), tables: { leads: table('complete') } };
    expect(counted(ofLeads).counts).toMatchObject({ StalestTableHours: 49.5 });
  });

  it('counts rejected rows, whatever its kind', () => {
    const leads = { ...table('complete'), rowsRejected: 2 };
    expect(counted({ ...report('refresh', 'complete'), tables: { leads } }).counts).toMatchObject({ RowsRejected: 2 });
  });

  it('logs a line about each table, without an age if it was never complete', () => {
    const lines = counted(report('nightly', 'failed')).lines.filter(({ message }) => message.startsWith('A table'));
    expect(lines.map(({ fields }) => [fields['table'], fields['status'], fields['hoursSinceComplete']])).toEqual([
      ['leads', 'complete', 1.5],
      ['jobs', 'failed', 49.5],
      ['imports', 'failed', null],
    ]);
  });
});
