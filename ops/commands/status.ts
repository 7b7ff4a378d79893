import { z } from 'zod';
import { pipelineStateKey, planKey, reportKey, waitingKey } from '../../lambdas/contract/object-keys.ts';
import { queueNames } from '../../lambdas/contract/queue-names.ts';
import { plan, waiting } from '../../lambdas/contract/run.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import { scheduledAtOf } from '../../lambdas/core/runs/run-ids.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { queueDepth } from '../adapters/queue-depth.ts';
import { isScheduleOn } from '../adapters/schedules.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { readCommand } from '../command.ts';
import { isSuccess } from '../../local/cli/summary.ts';
import { statusLines, type UnderWay } from '../status/status-lines.ts';
import { Damage } from '../lake/damage.ts';
import { type ListedRun, recentRuns } from '../lake/recent-runs.ts';
import { queueUrls, suggested, type Target } from '../target.ts';

const daysShown = 3;
const runsShown = 10;
/** A run may take ten days (`runDeadlineHours`) and is shown for two more days. The thirteenth is the present day. */
const daysListed = 13;
const day = 86_400_000;

export const status = readCommand({
  ...opsCommandNamed('status'),
  flags: {},
  input: z.strictObject({}),
  async read(target) {
    const damage = new Damage();
    const now = target.clock.now();
    const state = (await damage.readJson(target.store, pipelineStateKey, pipelineState)) ?? emptyState;
    const paused = !(await Promise.all(target.pipeline.Schedules.map(isScheduleOn))).every(Boolean);
    const queues = await queueDepths(target);
    const missedRuns = await queueDepth(target.pipeline.MissedRunsUrl);
    const listed = await recentRuns(target.store, now, daysListed);
    const underWay = await runsUnderWay(listed, target, damage, now);
    const recent = listed.filter(({ runId }) => scheduledAtOf(runId).getTime() > now.getTime() - daysShown * day);
    const runs = await lastReports(recent, target, damage);
    const overdue = underWay.filter(({ deadline }) => Date.parse(deadline) < now.getTime());
    const lastNightly = runs.find(({ kind }) => kind === 'nightly');
    const commands = new Map(
      await inBatches(
        runs,
        async ({ runId }) => [runId, await suggested(target, `replay-rejected --run ${runId}`)] as const,
      ),
    );
    const facts = {
      workspace: target.workspace,
      isPaused: paused,
      now,
      underWay,
      runs,
      queues,
      missedRuns,
      days: daysShown,
      readUpTo: Object.entries(state.watermarks).map(([table, { at }]) => ({ table, at })),
      unreadable: damage.lines,
      replayDeadLetters: await suggested(target, 'replay-dead-letters'),
      replayCommand: (runId: string) => commands.get(runId) ?? '',
    };
    const ok =
      queues.every(({ deadLetters }) => deadLetters === 0) &&
      missedRuns === 0 &&
      (lastNightly === undefined || isSuccess(lastNightly)) &&
      overdue.length + damage.keys.length === 0;
    return {
      lines: statusLines(facts, target.terminal),
      data: { paused, ...state, underWay, runs, queues, missedRuns, unreadable: damage.keys },
      ok,
    };
  },
});

async function queueDepths(target: Target) {
  return Promise.all(
    queueNames.map(async (name) => {
      const { work, deadLetters } = queueUrls(target, name);
      return { name, waiting: await queueDepth(work), deadLetters: await queueDepth(deadLetters) };
    }),
  );
}

/**
 * The runs that have not ended, of every kind: nights, backfills, repairs, refreshes, exports and runs that confirm
 * deletions.
 */
async function runsUnderWay(
  listed: readonly ListedRun[],
  { store }: Target,
  damage: Damage,
  now: Date,
): Promise<UnderWay[]> {
  const planned = await inBatches(
    listed.filter(({ hasReport }) => !hasReport),
    async (run) => ({
      run,
      plan: await damage.readJson(store, planKey(run.runId), plan),
      waited: await damage.readJson(store, waitingKey(run.runId), waiting),
    }),
  );
  return planned.flatMap(({ run, plan: found, waited }) => {
    // A run with no task is left out: it was caused by events about streams that are switched off.
    if (!found || found.tasks.length === 0) return [];
    const { kind, startedAt, deadline } = found;
    const isOver = !waited || Date.parse(waited.until) <= now.getTime();
    return [{ ...run, kind, startedAt, deadline, waiting: isOver ? null : waited }];
  });
}

/** The reports of the last runs that have ended, newest first. */
async function lastReports(listed: readonly ListedRun[], { store }: Target, damage: Damage): Promise<RunReport[]> {
  const ended = listed.filter(({ hasReport }) => hasReport).slice(0, runsShown);
  const reports = await inBatches(ended, ({ runId }) => damage.readJson(store, reportKey(runId), runReport));
  return reports.flatMap((report) => report ?? []);
}
