import { z } from 'zod';
import type { PlanRequest } from '../../lambdas/contract/messages.ts';
import { pipelineStateKey } from '../../lambdas/contract/object-keys.ts';
import { pipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { number } from '../../lambdas/core/runs/counted.ts';
import { emptyState } from '../../lambdas/core/runs/pipeline-state.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { opsCommandNamed } from '../../local/cli/command-names.ts';
import { clockTime } from '../../local/cli/durations.ts';
import { invokeFunction } from '../adapters/functions.ts';
import { isScheduleOn } from '../adapters/schedules.ts';
import { changeCommand } from '../command.ts';
import { finishRun, goOn } from '../lake/finish-run.ts';
import { type Local, suggested, type Target } from '../target.ts';

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
        `Starts a nightly run of workspace ${target.workspace} now${fullRefresh ? ', which reads everything again' : ''}${rateText(target)}.${target.local ? '' : ' The next scheduled run is not affected.'}${chosenTables(target.local)}`,
      ],
      async act() {
        const request: Partial<PlanRequest> = {
          scheduledAt: target.clock.now().toISOString(),
          fullRefresh,
          ...(target.local?.streams ? { streams: [...target.local.streams] } : {}),
          once: true,
        };
        const { runId } = planned.parse(await invokeFunction(target.pipeline.PlanFunctionName, request));
        if (runId === null)
          return {
            lines: [`Nothing was planned: another run has begun meanwhile. How it goes: ${status}`],
            data: { runId, started: false, report: null },
          };
        const { lines, ok, ...ended } = await finishRun(runId, target);
        return { lines, data: { runId, started: true, ...ended }, ok };
      },
    };
  },
});

/** The rate of a run of this machine, as `start` tells it. The simulator has none. */
function rateText({ local, requestsPerMinute }: Pick<Target, 'local' | 'requestsPerMinute'>): string {
  return local && !local.isSimulated ? `, with at most ${number(requestsPerMinute)} requests a minute` : '';
}

function chosenTables(local: Local | undefined): string {
  return local?.streams ? ` It reads the tables that the last start chose: ${local.streams.join(', ')}.` : '';
}
