/** The last runs and how fresh each table is, from the files alone. */

import { pipelineStateKey, planKey, reportKey } from '../lambdas/contract/object-keys.ts';
import { pipelineState } from '../lambdas/contract/pipeline-state.ts';
import { plan } from '../lambdas/contract/run.ts';
import { type RunReport, runReport } from '../lambdas/contract/run-report.ts';
import type { ObjectStore } from '../lambdas/core/ports.ts';
import { inBatches } from '../lambdas/core/store/in-batches.ts';
import { Damage } from '../ops/lake/damage.ts';
import { recentRuns } from '../ops/lake/recent-runs.ts';

const daysListed = 13;
const runsShown = 10;

export async function runStatus(store: ObjectStore, now: Date) {
  const damage = new Damage();
  const listed = await recentRuns(store, now, daysListed);
  const ended = listed.filter(({ hasReport }) => hasReport).slice(0, runsShown);
  const reports = await inBatches(ended, ({ runId }) => damage.readJson(store, reportKey(runId), runReport));
  const underWay = await inBatches(
    listed.filter(({ hasReport }) => !hasReport),
    async ({ runId, tasksRead }) => {
      const found = await damage.readJson(store, planKey(runId), plan);
      return found && { runId, kind: found.kind, startedAt: found.startedAt, deadline: found.deadline, tasksRead };
    },
  );
  const state = await damage.readJson(store, pipelineStateKey, pipelineState);
  return {
    runs: reports.flatMap((report) => (report ? [summaryOf(report)] : [])),
    underWay: underWay.flatMap((run) => run ?? []),
    /** Until when each table has everything that the API had. */
    readUpTo: Object.fromEntries(Object.entries(state?.watermarks ?? {}).map(([table, { at }]) => [table, at])),
    unreadable: damage.keys,
  };
}

function summaryOf({ runId, kind, status, startedAt, finishedAt, tables }: RunReport) {
  const all = Object.entries(tables);
  const sum = (of: (table: RunReport['tables'][string]) => number) => all.reduce((so, [, table]) => so + of(table), 0);
  return {
    runId,
    kind,
    status,
    startedAt,
    finishedAt,
    rows: {
      read: sum(({ rowsExtracted }) => rowsExtracted),
      changed: sum(({ rowsChanged }) => rowsChanged),
      healed: sum(({ rowsHealed }) => rowsHealed),
      deleted: sum(({ rowsDeleted }) => rowsDeleted),
      rejected: sum(({ rowsRejected }) => rowsRejected),
    },
    requests: sum(({ requests }) => requests),
    /** Tables that are not complete, and why. */
    problems: all.flatMap(([table, report]) =>
      report.status === 'complete' ? [] : [{ table, status: report.status, error: report.error?.message ?? null }],
    ),
  };
}
