/** The runs of the last days, from the files alone: those that have ended, and those under way. */

import { abortedKey, planKey, reportKey, waitingKey } from '../../lambdas/contract/object-keys.ts';
import type { PipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { type Plan, plan, type Waiting, waiting } from '../../lambdas/contract/run.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { isWholeNight } from '../../lambdas/core/runs/last-night.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import type { Damage } from './damage.ts';
import type { ListedRun } from './recent-runs.ts';

/** A run may take ten days (`runDeadlineHours`) and is shown for two more days. With today, that makes thirteen. */
export const daysListed = 13;
export const runsShown = 10;

export type UnderWay = ListedRun &
  Pick<Plan, 'kind' | 'startedAt' | 'deadline'> & {
    /** What the run waits for; null if it does not wait. */
    readonly waiting: Waiting | null;
    /** Whether an error has stopped the run: its other tasks end without a request. */
    readonly isStopped: boolean;
  };

/**
 * The runs that have not ended, of every kind: nights, backfills, repairs, refreshes, exports and runs that confirm
 * deletions.
 */
export async function runsUnderWay(
  listed: readonly ListedRun[],
  store: ObjectStore,
  damage: Damage,
  now: Date,
): Promise<UnderWay[]> {
  const planned = await inBatches(
    listed.filter(({ hasReport }) => !hasReport),
    async (run) => ({
      run,
      plan: await damage.readJson(store, planKey(run.runId), plan),
      waited: await damage.readJson(store, waitingKey(run.runId), waiting),
      isStopped: (await store.head(abortedKey(run.runId))) !== undefined,
    }),
  );
  return planned.flatMap(({ run, plan: found, waited, isStopped }) => {
    // A run with no task is left out: it was caused by events about streams that are switched off.
    if (!found || found.tasks.length === 0) return [];
    const { kind, startedAt, deadline } = found;
    const isOver = !waited || Date.parse(waited.until) <= now.getTime();
    return [{ ...run, kind, startedAt, deadline, waiting: isOver ? null : waited, isStopped }];
  });
}

/**
 * Runs that have claimed their tables and have no plan yet: they ask the API whose key it is, or were killed at that.
 */
export async function runsBeingPlanned(
  { underWay }: Pick<PipelineState, 'underWay'>,
  store: ObjectStore,
): Promise<UnderWay[]> {
  const found = await inBatches(Object.entries(underWay), async ([runId, { startedAt, deadline }]) => {
    if (await store.head(planKey(runId))) return [];
    const nothing = { hasReport: false, rounds: 0, tasksRead: 0, waiting: null, isStopped: false };
    return [{ runId, kind: 'nightly' as const, startedAt, deadline, ...nothing }];
  });
  return found.flat();
}

/**
 * Ids of the last runs that have ended because an error stopped them. Tasks of theirs may still be in the queue. A run
 * that failed before it had a task is left out.
 */
export async function stoppedRuns(listed: readonly ListedRun[], store: ObjectStore, damage: Damage): Promise<string[]> {
  const ended = listed.filter(({ hasReport }) => hasReport).slice(0, runsShown);
  const found = await inBatches(ended, async ({ runId }) => {
    if (!(await store.head(abortedKey(runId)))) return [];
    const planned = await damage.readJson(store, planKey(runId), plan);
    return planned?.tasks.length === 0 ? [] : [runId];
  });
  return found.flat();
}

/**
 * The nightly runs by which the last night is judged, newest first: the newest whole night, and the nightly runs of fewer
 * tables after it. If no night is whole, all of them.
 */
export async function nightsThatCount(
  listed: readonly ListedRun[],
  store: ObjectStore,
  damage: Damage,
): Promise<ListedRun[]> {
  const found: ListedRun[] = [];
  for (const run of listed.filter(({ runId, hasReport }) => hasReport && runId.startsWith('nightly-'))) {
    found.push(run);
    const report = await damage.readJson(store, reportKey(run.runId), runReport);
    if (report && isWholeNight(report)) break;
  }
  return found;
}

/**
 * The reports of the last runs that have ended, newest first.
 * @param nights that are always among them
 * @param options.most of them
 */
export async function lastReports(
  listed: readonly ListedRun[],
  nights: readonly ListedRun[],
  {
    store,
    damage,
    most = runsShown,
  }: { readonly store: ObjectStore; readonly damage: Damage; readonly most?: number | undefined },
): Promise<RunReport[]> {
  const shown = listed.filter(({ hasReport }) => hasReport).filter((run, at) => at < most || nights.includes(run));
  const reports = await inBatches(shown, ({ runId }) => damage.readJson(store, reportKey(runId), runReport));
  return reports.flatMap((report) => report ?? []);
}
