import { describe, expect, it } from 'vitest';
import type { ConvertReceipt, ExtractReceipt } from '../../../lambdas/contract/run.ts';
import { assessRun } from '../../../lambdas/core/publish/completeness.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';

const startedAt = '2026-11-01T02:00:00.000Z';
const now = new Date('2026-11-01T02:10:00.000Z');

function refused(stream: string): ExtractReceipt {
  return {
    taskId: `${stream}.0`,
    stream,
    status: 'failed',
    chunks: [],
    rows: 0,
    unchanged: 0,
    gone: 0,
    children: [],
    requests: 1,
    retries: 0,
    error: { code: 'forbidden', message: 'The key may not read this.', requestId: 'req_1' },
    finishedAt: startedAt,
  };
}

describe('a list that could not be read', () => {
  it('fails everything below it, in whatever order the streams are named', () => {
    const names = ['campaign_run_events', 'campaign_runs', 'campaigns'];
    const receipt = refused('campaigns');
    const evidence = {
      plan: {
        runId: 'nightly-20261101T020000000Z',
        kind: 'nightly' as const,
        startedAt,
        deadline: '2026-11-02T02:00:00.000Z',
        streams: names,
        tasks: [{ taskId: receipt.taskId, stream: 'campaigns', selection: { kind: 'list' as const } }],
      },
      extractReceipts: new Map([[receipt.taskId, receipt]]),
      convertReceipts: new Map(),
      aborted: undefined,
      replay: undefined,
    };
    const assessment = assessRun(evidence, names.map(streamNamed), now);
    const tables = assessment.over ? assessment.report.tables : {};
    expect(Object.entries(tables).map(([name, { status, error }]) => [name, status, error?.code])).toEqual([
      ['campaign_run_events', 'failed', 'parent_failed'],
      ['campaign_runs', 'failed', 'parent_failed'],
      ['campaigns', 'failed', 'forbidden'],
    ]);
    expect(tables['campaign_run_events']?.error?.requestId).toBe('req_1');
  });
});

describe('a task that has landed rows and is not over at the deadline', () => {
  it('is named, and the rows that stand in the tables are counted', () => {
    const converted: ConvertReceipt = {
      taskId: 'leads.0',
      stream: 'leads',
      sequence: 0,
      status: 'done',
      rowsIn: 7,
      rowsOut: 6,
      rowsRejected: 1,
      files: [{ key: 'lake/leads/a.parquet', rows: 6, bytes: 100 }],
      error: null,
      finishedAt: startedAt,
    };
    const child = {
      ...refused('lead_messages'),
      taskId: 'leads.0.0.lead_messages.0',
      rows: 2,
      chunks: [2],
      error: null,
    };
    const evidence = {
      plan: {
        runId: 'nightly-20261101T020000000Z',
        kind: 'nightly' as const,
        startedAt,
        deadline: '2026-11-01T02:05:00.000Z',
        streams: ['leads', 'lead_messages'],
        tasks: [{ taskId: 'leads.0', stream: 'leads', selection: { kind: 'list' as const } }],
      },
      extractReceipts: new Map([[child.taskId, child]]),
      convertReceipts: new Map([['leads.0/0', converted]]),
      aborted: undefined,
      replay: undefined,
    };
    const assessment = assessRun(evidence, ['leads', 'lead_messages'].map(streamNamed), now);
    const tables = assessment.over ? assessment.report.tables : {};
    expect(tables['leads']).toMatchObject({
      status: 'partial',
      rowsExtracted: 7,
      rowsWritten: 6,
      rowsRejected: 1,
      files: 1,
    });
    expect(tables['leads']?.error).toMatchObject({ code: 'overdue', message: expect.stringContaining('task leads.0') });
    expect(tables['lead_messages']).toMatchObject({ status: 'failed', rowsExtracted: 2, rowsWritten: 0 });
  });
});

describe('what a replay has sent again', () => {
  const failed = refused('campaigns');
  const evidence = (finishedAt: string, replayed: boolean) => ({
    plan: {
      runId: 'nightly-20261101T020000000Z',
      kind: 'nightly' as const,
      startedAt,
      deadline: '2026-11-01T02:05:00.000Z',
      streams: ['campaigns'],
      tasks: [{ taskId: failed.taskId, stream: 'campaigns', selection: { kind: 'list' as const } }],
    },
    extractReceipts: new Map([[failed.taskId, { ...failed, finishedAt }]]),
    convertReceipts: new Map(),
    aborted: undefined,
    replay: replayed
      ? {
          at: '2026-11-05T00:00:00.000Z',
          deadline: '2026-11-06T00:00:00.000Z',
          awaited: { [failed.taskId]: startedAt },
        }
      : undefined,
  });
  const assess = (finishedAt: string, at: string, replayed = true) =>
    assessRun(evidence(finishedAt, replayed), [streamNamed('campaigns')], new Date(at));

  it('is waited for while its receipt is the one that the replay found, up to the deadline of the replay', () => {
    expect(assess(startedAt, '2026-11-05T12:00:00.000Z', false)).toMatchObject({ over: true });
    expect(assess(startedAt, '2026-11-05T12:00:00.000Z')).toEqual({ over: false, waitingFor: 1 });
    expect(assess(startedAt, '2026-11-06T12:00:00.000Z')).toMatchObject({
      over: true,
      report: { replayedAt: '2026-11-05T00:00:00.000Z', tables: { campaigns: { error: { code: 'forbidden' } } } },
    });
  });

  it.each(['2026-10-31T00:00:00.000Z', '2026-11-05T00:01:00.000Z'])(
    'is over with another receipt, whatever the clock says that left it: %s',
    (finishedAt) => {
      expect(assess(finishedAt, '2026-11-05T12:00:00.000Z')).toMatchObject({ over: true });
    },
  );
});
