import { z } from 'zod';
import type { PlanRequest } from '../../lambdas/contract/messages.ts';
import { pipelineStateKey, reportKey } from '../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { runReport } from '../../lambdas/contract/run-report.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import { reportWithFlags } from '../../lambdas/core/runs/commands.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { clockTime } from '../../local/cli/durations.ts';
import { noProgress } from '../../local/cli/progress-display.ts';
import { folderFlags, startCommand } from '../../local/cli/suggested-command.ts';
import { isSuccess, problemsText, summaryOf } from '../../local/cli/summary.ts';
import { invokeFunction } from '../adapters/functions.ts';
import { isScheduleOn } from '../adapters/schedules.ts';
import { changeCommand } from '../command.ts';
import { showRun } from '../lake/show-run.ts';
import { type Local, suggested } from '../target.ts';

const planned = z.object({ runId: z.string().nullable() });

export const run = changeCommand({
  ...opsCommandNamed('run'),
  flags: { 'full-refresh': { help: 'read everything again' } },
  input: z.strictObject({ fullRefresh: z.boolean().default(false) }),
  async prepare(target, { fullRefresh }) {
    const now = target.clock.now();
    const state = (await readJson(target.store, pipelineStateKey, pipelineState))?.value ?? emptyState;
    const [underWay] = Object.entries(state.underWay);
    const status = await suggested(target, 'status');
    if (underWay) {
      const [runId, { startedAt }] = underWay;
      const data = { runId, started: false, report: null };
      if (target.local)
        return { lines: goOn(`Run ${runId} was interrupted, so none is started.`, target.local), data, ok: false };
      return {
        lines: [
          `Run ${runId} is under way since ${clockTime(new Date(startedAt), now)}, so none is started. How it goes: ${status}`,
        ],
        data,
      };
    }
    if (!(await Promise.all(target.pipeline.Schedules.map(isScheduleOn))).every(Boolean))
      return {
        lines: [`The workspace is paused, so no run is started. Let it go on: ${await suggested(target, 'resume')}`],
        data: { runId: null, started: false, report: null },
        ok: false,
      };
    // Throws if the API of a local run is not known. A run must not be planned then: nothing could read for it.
    target.api();
    return {
      lines: [
        `Starts a nightly run of workspace ${target.workspace} now${fullRefresh ? ', which reads everything again' : ''}.${target.local ? '' : ' The next scheduled run is not affected.'}${chosenTables(target.local)}`,
      ],
      async act() {
        const request: Partial<PlanRequest> = {
          scheduledAt: target.clock.now().toISOString(),
          fullRefresh,
          once: true,
        };
        const { runId } = planned.parse(await invokeFunction(target.pipeline.PlanFunctionName, request));
        if (runId === null)
          return {
            lines: [`Nothing was planned: another run has begun meanwhile. How it goes: ${status}`],
            data: { runId, started: false, report: null },
          };
        const shown = showRun(runId, target);
        await target.settle(noProgress).finally(() => shown.end());
        const report = (await readJson(target.store, reportKey(runId), runReport))?.value ?? null;
        const out = target.local?.out ?? '';
        const opsFlags = target.local ? await folderFlags(out) : '';
        const data = { runId, started: true, report: report && reportWithFlags(report, opsFlags) };
        if (!report && target.local)
          return { lines: goOn(`Run ${runId} has not ended.`, target.local), data, ok: false };
        if (!report) return { lines: [`Run ${runId} is under way. How it goes: ${status}`], data };
        const options = { out, terminal: target.terminal, allTables: false, opsFlags };
        const problems = problemsText(report, options);
        const lines = [summaryOf(report, options), ...(problems === '' ? [] : ['', problems])];
        return { lines, data, ok: isSuccess(report) };
      },
    };
  },
});

function chosenTables(local: Local | undefined): string {
  return local?.streams ? ` It reads the tables that the last start chose: ${local.streams.join(', ')}.` : '';
}

/** The functions of a folder end with the command that runs them. So another command has to go on with the run. */
function goOn(text: string, { out }: Local): string[] {
  return [`${text} To go on with it:`, `  ${startCommand(out)}`];
}
