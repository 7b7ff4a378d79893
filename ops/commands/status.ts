import { z } from 'zod';
import { pipelineStateKey, reportKey, runTablePrefix } from '../../lambdas/contract/object-keys.ts';
import { queueNames } from '../../lambdas/contract/queue-names.ts';
import { type PipelineState, pipelineState, type RunReport, runReport } from '../../lambdas/contract/run.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { queueDepth } from '../adapters/queue-depth.ts';
import { isScheduleOn } from '../adapters/schedules.ts';
import { readCommand } from '../command.ts';
import { Damage } from '../lake/damage.ts';
import { isRecordKept, missingRecordLines, runsNamed } from '../lake/kept-records.ts';
import { queueUrls, type Target } from '../target.ts';

const daysShown = 3;
const runsShown = 10;
const mostRead = 100;
const day = 86_400_000;

export const status = readCommand({
  name: 'status',
  summary: 'Runs under way, the last runs, how fresh each table is, and what waits in the queues.',
  flags: {},
  input: z.strictObject({}),
  async read(target) {
    const damage = new Damage();
    const state = (await damage.readJson(target.store, pipelineStateKey, pipelineState)) ?? emptyState;
    const paused = !(await Promise.all(target.pipeline.Schedules.map(isScheduleOn))).every(Boolean);
    const queues = await queueDepths(target);
    const missedRuns = await queueDepth(target.pipeline.MissedRunsUrl);
    const { runs, missing } = await lastRuns(target, state, damage, new Date());
    const deadLetters = queues.reduce((sum, queue) => sum + queue.deadLetters, 0);
    const lastNightly = runs.find(({ kind }) => kind === 'nightly');
    const lines = [
      `Workspace ${target.workspace}: ${paused ? 'paused' : 'on'}`,
      ...Object.entries(state.underWay).map(
        ([runId, { startedAt, deadline }]) =>
          `  under way: ${runId}, since ${startedAt}, until ${deadline} at the latest`,
      ),
      `Last runs (${daysShown} days):${runs.length === 0 ? ' none' : ''}`,
      ...runs.flatMap(linesOf),
      ...[...missingRecordLines(missing), ...damage.lines].map((line) => `  ${line}`),
      'Read up to:',
      ...Object.entries(state.watermarks).map(([stream, { at }]) => `  ${stream.padEnd(28)} ${at}`),
      'Queues:',
      ...queues.map(
        ({ name, waiting, deadLetters: dead }) => `  ${name.padEnd(8)} ${waiting} waiting, ${dead} dead letters`,
      ),
      ...(missedRuns > 0 ? [`  ${missedRuns} ticks of a schedule failed: docs/runbook.md, MissedRuns`] : []),
    ];
    const ok =
      deadLetters === 0 &&
      missedRuns === 0 &&
      (lastNightly === undefined || lastNightly.status === 'complete') &&
      missing.length + damage.keys.length === 0;
    const records = { missing, unreadable: damage.keys };
    return { lines, data: { paused, ...state, runs, queues, missedRuns, records }, ok };
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

/** Newest first, and those of which `pipeline_runs` or a watermark tells while their record is missing. */
async function lastRuns(
  { store, configured }: Target,
  state: PipelineState,
  damage: Damage,
  now: Date,
): Promise<{ runs: RunReport[]; missing: string[] }> {
  const keys: string[] = [];
  for (let back = daysShown - 1; back >= 0; back -= 1) {
    const prefix = runTablePrefix(new Date(now.getTime() - back * day).toISOString().slice(0, 10));
    for await (const { key } of store.list(prefix)) keys.push(key);
  }
  const runs: RunReport[] = [];
  const missing: string[] = [];
  await inBatches(runsNamed(keys.slice(-mostRead), state), async (runId) => {
    const key = reportKey(runId);
    const report = await damage.readJson(store, key, runReport);
    if (report) runs.push(report);
    else if (!damage.messages.has(key) && isRecordKept(runId, configured?.retention.runDays, now)) missing.push(runId);
  });
  const since = new Date(now.getTime() - (daysShown - 1) * day).toISOString().slice(0, 10);
  const shown = runs.filter(({ startedAt }) => startedAt >= since);
  return {
    runs: shown.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt)).slice(0, runsShown),
    missing: missing.toSorted(),
  };
}

function linesOf({ runId, status: how, tables }: RunReport): string[] {
  const rows = Object.values(tables).reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
  const wrong = Object.entries(tables).filter(([, { error }]) => error !== null);
  return [
    `  ${runId}: ${how}, ${rows.toLocaleString('en-US')} rows`,
    ...wrong.map(([name, { error }]) => `    ${name}: ${error?.message}`),
  ];
}
