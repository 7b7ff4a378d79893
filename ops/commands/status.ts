import { z } from 'zod';
import { pipelineStateKey, planKey, reportKey, waitingKey } from '../../lambdas/contract/object-keys.ts';
import { queueNames } from '../../lambdas/contract/queue-names.ts';
import { type Plan, plan, type Waiting, waiting } from '../../lambdas/contract/run.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import { changeText } from '../../lambdas/contract/schema-changes.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import { scheduledAtOf } from '../../lambdas/core/runs/run-ids.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { queueDepth } from '../adapters/queue-depth.ts';
import { isScheduleOn } from '../adapters/schedules.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { readCommand } from '../command.ts';
import { counted } from '../counted.ts';
import { Damage } from '../lake/damage.ts';
import { type ListedRun, recentRuns } from '../lake/recent-runs.ts';
import { queueUrls, suggested, type Target } from '../target.ts';

const daysShown = 3;
const runsShown = 10;
const changesShown = 10;
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
    const lines = [
      `Workspace ${target.workspace}: ${paused ? 'paused' : 'on'}`,
      ...underWay.flatMap(({ runId, startedAt, deadline, rounds, tasksRead, waiting: wait }) => [
        `  under way: ${runId}, since ${startedAt}, until ${deadline} at the latest; ${counted(tasksRead, 'task')} read${rounds > 0 ? ` in ${rounds + 1} rounds` : ''}`,
        ...(wait ? [`    waits until ${wait.until}: ${wait.reason}`] : []),
      ]),
      `Last runs (${daysShown} days):${runs.length === 0 ? ' none' : ''}`,
      ...(await inBatches(runs, (run) => linesOf(run, target))).flat(),
      ...damage.lines.map((line) => `  ${line}`),
      'Read up to:',
      ...Object.entries(state.watermarks).map(([stream, { at }]) => `  ${stream.padEnd(28)} ${at}`),
      'Queues:',
      ...queues.map(
        ({ name, waiting, deadLetters }) => `  ${name.padEnd(8)} ${waiting} waiting, ${deadLetters} dead letters`,
      ),
      ...(missedRuns > 0 ? [`  ${missedRuns} ticks of a schedule failed: docs/runbook.md, MissedRuns`] : []),
    ];
    const ok =
      queues.every(({ deadLetters }) => deadLetters === 0) &&
      missedRuns === 0 &&
      (lastNightly === undefined || lastNightly.status === 'complete') &&
      overdue.length + damage.keys.length === 0;
    return { lines, data: { paused, ...state, underWay, runs, queues, missedRuns, unreadable: damage.keys }, ok };
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

type UnderWay = ListedRun &
  Pick<Plan, 'kind' | 'startedAt' | 'deadline'> & {
    /** What the run waits for; null if it does not wait. */
    readonly waiting: Waiting | null;
  };

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

async function linesOf(
  { runId, status: how, tables, confirmRunId, schemaChanges = [] }: RunReport,
  target: Target,
): Promise<string[]> {
  const all = Object.entries(tables);
  const sum = (of: (table: RunReport['tables'][string]) => number) =>
    all.reduce((total, [, table]) => total + of(table), 0);
  const counts = [
    counted(
      sum(({ rowsWritten }) => rowsWritten),
      'row read',
      'rows read',
    ),
    `${sum(({ rowsChanged }) => rowsChanged).toLocaleString('en-US')} changed`,
    ...(sum(({ rowsDeleted }) => rowsDeleted) > 0 ? [`${sum(({ rowsDeleted }) => rowsDeleted)} deleted`] : []),
  ];
  const named = (of: (table: RunReport['tables'][string]) => number) =>
    all.flatMap(([name, table]) => (of(table) > 0 ? [`${name} ${of(table).toLocaleString('en-US')}`] : [])).join(', ');
  const [rejected, healed, suspected] = [
    named(({ rowsRejected }) => rowsRejected),
    named(({ rowsHealed }) => rowsHealed),
    named(({ rowsSuspected }) => rowsSuspected),
  ];
  const notes = [
    ...all.flatMap(([name, { error }]) => (error ? [`${name}: ${error.message}`] : [])),
    ...(rejected === ''
      ? []
      : [
          `rows without a usable key: ${rejected}. The table rejected_rows says why. Once a version reads them: ${await suggested(target, `replay-rejected --run ${runId}`)}`,
        ]),
    ...(healed === ''
      ? []
      : [
          `rows that only a rereading found changed: ${healed}. Where that goes on, lower rereadDays or childRereadDays.`,
        ]),
    ...(suspected === '' || confirmRunId === undefined
      ? []
      : [`rows that the API did not give: ${suspected}. ${confirmRunId} asks again before they are deleted.`]),
    ...schemaChanges.slice(0, changesShown).map(changeText),
    ...(schemaChanges.length > changesShown
      ? [`${schemaChanges.length - changesShown} other changes of fields: see the table schema_changes.`]
      : []),
  ];
  return [`  ${runId}: ${how}, ${counts.join(', ')}`, ...notes.map((note) => `    ${note}`)];
}
