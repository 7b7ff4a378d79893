/** The last runs and how fresh each table is, from the files alone. */

import { pipelineStateKey } from '../lambdas/contract/object-keys.ts';
import { pipelineState } from '../lambdas/contract/pipeline-state.ts';
import type { RunReport } from '../lambdas/contract/run-report.ts';
import type { Stream } from '../lambdas/contract/stream.ts';
import type { ObjectStore } from '../lambdas/core/ports.ts';
import { standingNight } from '../lambdas/core/runs/last-night.ts';
import { notesOf, problemsOf } from '../lambdas/core/runs/report-problems.ts';
import { totalsOf } from '../lambdas/core/runs/run-totals.ts';
import { Damage } from '../ops/lake/damage.ts';
import { recentRuns } from '../ops/lake/recent-runs.ts';
import { daysListed, lastReports, nightsThatCount, runsUnderWay } from '../ops/lake/run-facts.ts';

/** @param streams as the workspace has them, with its custom columns */
export async function runStatus(store: ObjectStore, streams: readonly Stream[], now: Date) {
  const damage = new Damage();
  const listed = await recentRuns(store, now, daysListed);
  const nights = await nightsThatCount(listed, store, damage);
  const reports = await lastReports(listed, nights, { store, damage });
  const night = standingNight(reports);
  const underWay = await runsUnderWay(listed, store, damage, now);
  const state = await damage.readJson(store, pipelineStateKey, pipelineState);
  return {
    /** The newest night of all tables, with what nightly runs of fewer tables have read since. */
    lastNight: night ? summaryOf(night, streams) : null,
    runs: reports.map((report) => summaryOf(report, streams)),
    underWay: underWay.map(({ runId, kind, startedAt, deadline, tasksRead, waiting }) => ({
      runId,
      kind,
      startedAt,
      deadline,
      tasksRead,
      waiting,
    })),
    /** For each table, the start of the newest nightly run that read it whole. */
    readUpTo: Object.fromEntries(Object.entries(state?.watermarks ?? {}).map(([table, { at }]) => [table, at])),
    unreadable: damage.keys,
  };
}

function summaryOf(report: RunReport, streams: readonly Stream[]) {
  const { runId, kind, status, startedAt, finishedAt, requestedStreams } = report;
  const { rows: read, changed, healed, deleted, rejected, requests } = totalsOf(report);
  return {
    runId,
    kind,
    status,
    startedAt,
    finishedAt,
    ...(requestedStreams ? { requestedStreams } : {}),
    rows: { read, changed, healed, deleted, rejected },
    requests,
    problems: problemsOf(report, streams),
    notes: notesOf(report, streams),
  };
}
