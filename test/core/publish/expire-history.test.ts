import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compactedKey,
  parquetFile,
  parquetKey,
  partitionDate,
  pipelineStateKey,
  planKey,
  reportKey,
} from '../../../lambdas/contract/object-keys.ts';
import type { RunKind, RunReport, RunStatus, TableReport } from '../../../lambdas/contract/run.ts';
import { expireHistory } from '../../../lambdas/core/publish/expire-history.ts';
import { runIdOf } from '../../../lambdas/core/runs/run-ids.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { isSnapshot } from '../../../lambdas/streams/views.ts';
import { CrashCloud } from '../../support/crash-cloud.ts';
import type { Step, Verdict } from '../../support/crash-invocation.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { faultsOf } from '../../support/lake-oracle.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { SimulatedWorkspace } from '../../support/workspace-api.ts';

const day = 86_400_000;
const hour = 3_600_000;
const firstNight = Date.parse('2026-03-01T02:00:00.000Z');
const isReadWhole = (table: string) => isSnapshot(streamNamed(table));

const counts = { rowsExtracted: 1, rowsWritten: 1, rowsRejected: 0, rowsUnchanged: 0, gone: 0 };
const tableReport = (status: RunStatus): TableReport => ({
  ...counts,
  status,
  files: 1,
  bytes: 1,
  requests: 1,
  retries: 0,
  error: null,
});

/** A run of one table, with a file for each hour in which it read something. */
interface Run {
  readonly kind: RunKind;
  readonly startedAt: number;
  readonly status: RunStatus | 'under way';
  /** Hours after the start at which each file was read. */
  readonly reads: readonly number[];
  readonly planIsThere: boolean;
}

/** A night that has read its table whole. */
const night = (index: number): Run => ({
  kind: 'nightly',
  startedAt: firstNight + index * day,
  status: 'complete',
  reads: [0],
  planIsThere: true,
});

const runs = fc
  .uniqueArray(
    fc.record({
      kind: fc.constantFrom<RunKind>('nightly', 'nightly', 'nightly', 'backfill', 'refresh'),
      startedAt: fc.integer({ min: 0, max: 40 }).map((night) => firstNight + night * day),
      status: fc.constantFrom('complete', 'complete', 'complete', 'partial', 'failed', 'under way'),
      reads: fc.array(fc.integer({ min: 0, max: 24 * 12 }), { maxLength: 3 }),
      planIsThere: fc.boolean(),
    }),
    { selector: ({ kind, startedAt }) => `${kind} ${startedAt}`, maxLength: 25 },
  )
  // A plan outlives what its run may still read by far.
  .map((drawn): Run[] =>
    drawn.map((run) => ({
      ...run,
      planIsThere: run.planIsThere || run.status === 'under way' || run.reads.some((after) => after > 24),
    })),
  );

const idOf = ({ kind, startedAt }: Run) => runIdOf(kind, new Date(startedAt));
const endOf = ({ startedAt, reads }: Run) => startedAt + Math.max(0, ...reads) * hour;

/** The state of the store that these runs have left. @returns the report of the newest complete nightly one, and the files */
async function leave(store: MemoryStore, table: string, all: readonly Run[]) {
  const files = new Map<string, { run: Run; readAt: number }>();
  const complete = all.filter(({ kind, status }) => kind === 'nightly' && status === 'complete');
  const newest = complete.toSorted((a, b) => a.startedAt - b.startedAt).at(-1);
  let report: RunReport | undefined;
  for (const run of all) {
    const [runId, startedAt] = [idOf(run), new Date(run.startedAt).toISOString()];
    if (run.planIsThere) await store.put(planKey(runId), '{}');
    if (run.status !== 'under way') {
      const finishedAt = new Date(endOf(run)).toISOString();
      const { kind, status } = run;
      const one: RunReport = { runId, kind, status, startedAt, finishedAt, tables: { [table]: tableReport(status) } };
      if (run.planIsThere) await store.put(reportKey(runId), JSON.stringify(one));
      if (run === newest) report = one;
    }
    for (const [sequence, after] of run.reads.entries()) {
      const key = parquetKey(table, partitionDate(startedAt), runId, `${table}.0`, sequence);
      files.set(key, { run, readAt: run.startedAt + after * hour });
      await store.put(key, 'rows');
    }
  }
  const watermarks = report && newest ? { [table]: { at: report.startedAt, runId: report.runId } } : {};
  await store.put(pipelineStateKey, JSON.stringify({ watermarks, underWay: {} }));
  return { report, newest, files };
}

describe('old versions', () => {
  it('of a table that is read whole go, and no row that a view shows, no unfinished run and no young partition, in any history', async () => {
    const seen = { deleted: 0, shownOfOld: 0 };
    await fc.assert(
      fc.asyncProperty(runs, fc.integer({ min: 2, max: 30 }), async (all, days) => {
        const store = new MemoryStore();
        const { report, newest, files } = await leave(store, 'campaigns', all);
        if (!report || !newest) return;
        const others = [...store.keys('runs/'), ...store.keys('state/')];
        await expireHistory(report, { days, isReadWhole }, { store, log: new MemoryLog() });
        expect([...store.keys('runs/'), ...store.keys('state/')]).toEqual(others);
        const oldest = new Date(newest.startedAt - days * day).toISOString().slice(0, 10);
        for (const [key, { run, readAt }] of files) {
          const isGone = !store.objects.has(key);
          const isOld = new Date(run.startedAt).toISOString().slice(0, 10) < oldest;
          const isShown = run === newest || readAt >= newest.startedAt;
          if (isShown || !isOld || run.status === 'under way') expect(isGone, key).toBe(false);
          const isOver = !run.planIsThere || (run.status === 'complete' && endOf(run) + hour < newest.startedAt);
          if (run !== newest && isOld && isOver) expect(isGone, key).toBe(true);
          if (run.planIsThere && run.status !== 'complete') expect(isGone, key).toBe(false);
          if (isGone) seen.deleted += 1;
          if (isShown && isOld) seen.shownOfOld += 1;
        }
      }),
      { numRuns: 500, seed: 4 },
    );
    expect(seen.deleted).toBeGreaterThan(100);
    expect(seen.shownOfOld).toBeGreaterThan(10);
  });

  it.each(['leads', 'lead_messages', 'inbox_messages'])(
    'of %s stay, since the current row may be one',
    async (table) => {
      const store = new MemoryStore();
      const nights = Array.from({ length: 40 }, (_, night): Run => {
        return {
          kind: 'nightly',
          startedAt: firstNight + night * day,
          status: 'complete',
          reads: [0],
          planIsThere: true,
        };
      });
      const { report } = await leave(store, table, nights);
      if (report) await expireHistory(report, { days: 5, isReadWhole }, { store, log: new MemoryLog() });
      expect(store.keys(`lake/${table}/`)).toHaveLength(40);
    },
  );

  it('stay after a run that did not read the table whole, or was no nightly one', async () => {
    const store = new MemoryStore();
    const { report } = await leave(store, 'campaigns', [night(0), night(1), night(30)]);
    if (!report) throw new Error('There is no report.');
    const history = { days: 5, isReadWhole };
    const ports = { store, log: new MemoryLog() };
    await expireHistory({ ...report, tables: { campaigns: tableReport('partial') } }, history, ports);
    for (const kind of ['backfill', 'refresh', 'export'] as const)
      await expireHistory({ ...report, kind }, history, ports);
    expect(store.keys('lake/')).toHaveLength(3);
    await expireHistory(report, history, ports);
    expect(store.keys('lake/')).toHaveLength(1);
  });

  it('that were compacted go by the day that they are of', async () => {
    const store = new MemoryStore();
    const { report } = await leave(store, 'campaigns', [night(0), night(30)]);
    const compacted = ['2026-03-02', '2026-03-25', '2026-03-26'].map((date) => compactedKey('campaigns', date, 'a1'));
    for (const key of compacted) await store.put(key, 'rows');
    if (report) await expireHistory(report, { days: 6, isReadWhole }, { store, log: new MemoryLog() });
    expect(compacted.filter((key) => store.objects.has(key))).toEqual(compacted.slice(1));
  });

  it('and what else lies beside them: a file that is none of the pipeline is not touched', async () => {
    const store = new MemoryStore();
    const foreign = [
      'lake/campaigns/dt=2026-03-01/mine.parquet',
      'lake/campaigns/dt=2026-03-01/_SUCCESS',
      'lake/campaigns/x',
    ];
    for (const key of foreign) await store.put(key, '');
    const { report } = await leave(store, 'campaigns', [night(0), night(30)]);
    if (report) await expireHistory(report, { days: 5, isReadWhole }, { store, log: new MemoryLog() });
    expect(store.keys('lake/')).toEqual(expect.arrayContaining(foreign));
    expect(store.keys('lake/')).toHaveLength(foreign.length + 1);
  });
});

describe('the key of a file', () => {
  it.each(['nightly-20261124T020000000Z', 'refresh-20261124T020000000Z-0a1b2c3d'])(
    'of %s tells its table, day and run',
    (runId) => {
      for (const task of ['campaigns.0', 'campaigns.ids.0', 'identity', '000000'])
        expect(parquetFile(parquetKey('campaign_runs', '2026-11-24', runId, task, 7))).toEqual({
          table: 'campaign_runs',
          date: '2026-11-24',
          runId,
          taskId: task,
          sequence: 7,
        });
    },
  );
});

const nights = 9;
const historyDays = 4;

/** Nine nights of a workspace that changes; the last of them under the given disturbance. */
async function nineNights(onLastNight: (step: Step) => Verdict = () => 'go') {
  const clock = new FixedClock(new Date(firstNight).toISOString());
  const api = new SimulatedWorkspace(3, clock);
  let isLast = false;
  const steps: Step[] = [];
  const cloud = new CrashCloud({
    streams: ['lead_messages', 'campaign_run_events', 'identity'],
    pageSize: 50,
    deadline: { remainingMilliseconds: () => 300_000 },
    history: { days: historyDays, isReadWhole },
    onStep(step) {
      if (!isLast) return 'go';
      steps.push({ ...step, index: steps.length });
      return onLastNight({ ...step, index: steps.length - 1 });
    },
    clock,
    api,
  });
  let runId = '';
  for (let night = 0; night < nights; night += 1) {
    if (night > 0) clock.advance(day);
    if (night > 0) api.workspace.advance(clock.now());
    isLast = night === nights - 1;
    runId = runIdOf('nightly', clock.now());
    cloud.invoke('plan', { scheduledAt: clock.now().toISOString() });
    await cloud.settle();
  }
  const faults = await faultsOf(cloud.store, cloud.streams, [runId], (table) => api.rows(table));
  return { faults: [...faults, ...cloud.errors], steps, files: cloud.store.keys('lake/') };
}

const partitionsOf = (files: readonly string[], table: string) => [
  ...new Set(files.filter((key) => key.startsWith(`lake/${table}/`)).map((key) => parquetFile(key)?.date)),
];

describe('nine nights with four days of history', () => {
  it('leave the current state whole, four days of versions, and every version of leads', async () => {
    const { faults, files } = await nineNights();
    expect(faults).toEqual([]);
    const lastDays = Array.from({ length: historyDays + 1 }, (_, index) => `2026-03-0${nights - historyDays + index}`);
    for (const table of ['campaigns', 'campaign_runs', 'campaign_run_events', 'identity'])
      expect(partitionsOf(files, table), table).toEqual(lastDays);
    expect(partitionsOf(files, 'leads')[0]).toBe('2026-03-01');
    expect(partitionsOf(files, 'lead_messages')[0]).toBe('2026-03-01');
  });

  it('leave the same where publish is killed before or after each deletion of the last of them', async () => {
    const whole = await nineNights();
    const deletions = whole.steps.filter(
      ({ operation, resource }) => operation === 'delete' && resource.startsWith('lake/'),
    );
    expect(deletions.length).toBeGreaterThan(3);
    for (const { index, resource } of deletions) {
      for (const verdict of ['kill before', 'kill after'] as const) {
        const { faults, files } = await nineNights((step) => (step.index === index ? verdict : 'go'));
        expect(faults, `${verdict} ${resource}`).toEqual([]);
        expect(files, `${verdict} ${resource}`).toEqual(whole.files);
      }
    }
  });
});
