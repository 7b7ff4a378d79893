import { pipelineStateKey, planKey } from '../../lambdas/contract/object-keys.ts';
import { withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import { streams } from '../../lambdas/streams/registry.ts';
import { queueNames } from '../../lambdas/contract/queue-names.ts';
import { type Plan, plan } from '../../lambdas/contract/run.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import { scheduledAtOf } from '../../lambdas/core/runs/run-ids.ts';
import { standingNight } from '../../lambdas/core/runs/last-night.ts';
import { queueDepth } from '../adapters/queue-depth.ts';
import { isScheduleOn } from '../adapters/schedules.ts';
import { startCommand } from '../../local/cli/out-flag.ts';
import { folderFlags } from '../../local/cli/suggested-command.ts';
import { readRefusedStart } from '../../local/run/refused-start.ts';
import { approvedRows } from './approved-rows.ts';
import { currentReport } from './current-report.ts';
import { neededNames } from './judgment.ts';
import { lastNightEnded, missingNight } from './missing-night.ts';
import type { StatusFacts } from './status-lines.ts';
import { unfinishedRewrite } from '../rewrite/unfinished.ts';
import { rememberedText } from '../rewrite/remembered.ts';
import { Damage } from '../lake/damage.ts';
import { recentRuns } from '../lake/recent-runs.ts';
import {
  daysListed,
  lastReports,
  nightsThatCount,
  runsBeingPlanned,
  runsUnderWay,
  stoppedRuns,
} from '../lake/run-facts.ts';
import { queueUrls, suggested, type Target } from '../target.ts';

const daysShown = 3;
const day = 86_400_000;

/**
 * The state of a workspace, and whether something in it needs a person. The commands `status`, `run` and `resume`, and
 * `start` on a folder, exit by it.
 * @param most runs that are listed, also of earlier days. @default those of the last three days, at most ten
 */
export async function readStatus(target: Target, most?: number) {
  const damage = new Damage();
  const now = target.clock.now();
  const state = (await damage.readJson(target.store, pipelineStateKey, pipelineState)) ?? emptyState;
  const paused = !(await Promise.all(target.pipeline.Schedules.map(isScheduleOn))).every(Boolean);
  const rewrite = await unfinishedRewrite(target, damage);
  const queues = await queueDepths(target);
  const missedRuns = await queueDepth(target.pipeline.MissedRunsUrl);
  const listed = await recentRuns(target.store, now, daysListed);
  const planning = await runsBeingPlanned(state, target.store);
  const underWay = [...planning, ...(await runsUnderWay(listed, target.store, damage, now))];
  const nights = await nightsThatCount(listed, target.store, damage);
  const recent = listed.filter(
    (run) =>
      most !== undefined ||
      nights.includes(run) ||
      scheduledAtOf(run.runId).getTime() > now.getTime() - daysShown * day,
  );
  const configured = streams.map((stream) => withCustomColumns(stream, target.configured?.customColumns ?? {}));
  const runs = (await lastReports(recent, nights, { store: target.store, damage, most })).map((report) =>
    currentReport(report, configured, state),
  );
  const lastNightly = standingNight(runs);
  const ended = lastNightEnded(
    nights.find(({ runId }) => runId === lastNightly?.runId),
    runs,
    state,
  );
  const missing = missingNight(ended, target.configured?.expectedHours, now);
  const facts: Omit<StatusFacts, 'isWell' | 'unreadable'> = {
    workspace: target.workspace,
    isPaused: paused,
    now,
    underWay,
    runs,
    queues,
    stopped: queues.some(({ name, waiting }) => name === 'extract' && waiting > 0)
      ? await stoppedRuns(listed, target.store, damage)
      : [],
    missedRuns,
    missingNight: missing && { ...missing, command: await commandForNight(target, paused) },
    approved: await approvedRows(runs, target, damage),
    days: most === undefined ? daysShown : daysListed,
    moreRuns: recent.filter(({ hasReport }) => hasReport).length - runs.length,
    readUpTo: Object.entries(state.watermarks).map(([table, { at }]) => ({ table, at })),
    allTables: streams.map(({ name }) => name),
    beingRead: Object.values(state.underWay).flatMap(({ streams: names }) => names),
    unfinishedRewrite: rewrite,
    remembered: await rememberedText(target, damage),
    refusedStart: target.local && (await readRefusedStart(target.local.out)),
    resumeCommand: target.local && !target.local.isRunning ? await resumeCommand(target, queues) : undefined,
    replayDeadLetters: await suggested(target, 'replay-dead-letters'),
    customColumns: target.configured?.customColumns,
    opsFlags: target.local ? await folderFlags(target.local.out) : '',
    held: state.held,
    rejected: state.rejected,
    plans: await plansOf(runs, target, damage),
  };
  const known = { ...facts, unreadable: damage.lines };
  const isWell = neededNames(known).length === 0;
  return { facts: { ...known, isWell }, state, missing, unreadableKeys: damage.keys };
}

/** A run whose last check was given up ends once that is sent again: `start` would wait for it in vain. */
async function resumeCommand(target: Target, queues: readonly { name: string; deadLetters: number }[]) {
  const isGivenUp = queues.some(({ name, deadLetters }) => name === 'publish' && deadLetters > 0);
  return isGivenUp || !target.local ? suggested(target, 'replay-dead-letters') : startCommand(target.local.out);
}

async function plansOf(runs: readonly RunReport[], { store }: Target, damage: Damage): Promise<Map<string, Plan>> {
  const found = await inBatches(runs, ({ runId }) => damage.readJson(store, planKey(runId), plan));
  return new Map(found.flatMap((one) => (one ? [[one.runId, one]] : [])));
}

/** The command that lets nights go on, or starts one. */
async function commandForNight(target: Target, isPaused: boolean): Promise<string> {
  if (isPaused) return suggested(target, 'resume');
  return target.local ? startCommand(target.local.out) : suggested(target, 'run');
}

async function queueDepths(target: Target) {
  return Promise.all(
    queueNames.map(async (name) => {
      const { work, deadLetters } = queueUrls(target, name);
      return { name, waiting: await queueDepth(work), deadLetters: await queueDepth(deadLetters) };
    }),
  );
}
