/** The last runs and how fresh each table is, from the files alone. */

import { pipelineStateKey } from '../lambdas/contract/object-keys.ts';
import { pipelineState } from '../lambdas/contract/pipeline-state.ts';
import type { RunReport } from '../lambdas/contract/run-report.ts';
import type { ObjectStore } from '../lambdas/core/ports.ts';
import { causesOf } from '../lambdas/core/runs/causes.ts';
import { totalsOf } from '../lambdas/core/runs/run-totals.ts';
import { streams } from '../lambdas/streams/registry.ts';
import { Damage } from '../ops/lake/damage.ts';
import { recentRuns } from '../ops/lake/recent-runs.ts';
import { daysListed, lastReports, runsUnderWay } from '../ops/lake/run-facts.ts';

export async function runStatus(store: ObjectStore, now: Date) {
  const damage = new Damage();
  const listed = await recentRuns(store, now, daysListed);
  const reports = await lastReports(listed, store, damage);
  const underWay = await runsUnderWay(listed, store, damage, now);
  const state = await damage.readJson(store, pipelineStateKey, pipelineState);
  return {
    runs: reports.map(summaryOf),
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

function summaryOf(report: RunReport) {
  const { runId, kind, status, startedAt, finishedAt } = report;
  const { rows: read, changed, healed, deleted, rejected, requests } = totalsOf(report);
  return {
    runId,
    kind,
    status,
    startedAt,
    finishedAt,
    rows: { read, changed, healed, deleted, rejected },
    requests,
    /** Why tables are not complete, each cause once. */
    problems: causesOf(report, streams),
  };
}
