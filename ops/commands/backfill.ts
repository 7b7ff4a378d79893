import { z } from 'zod';
import type { PlanRequest } from '../../lambdas/contract/messages.ts';
import { reportKey } from '../../lambdas/contract/object-keys.ts';
import { runReport } from '../../lambdas/contract/run-report.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { withParents } from '../../lambdas/streams/registry.ts';
import { invokeFunction } from '../adapters/functions.ts';
import { isScheduleOn } from '../adapters/schedules.ts';
import { instant, streamNames } from '../../local/cli/flag-values.ts';
import { opsCommandNamed, typed } from '../../local/cli/command-names.ts';
import { changeCommand } from '../command.ts';
import { isSuccess } from '../../local/cli/summary.ts';
import { problemLines } from '../lake/problem-lines.ts';
import { suggested } from '../target.ts';

const input = z
  .strictObject({
    stream: streamNames('--stream'),
    from: instant('--from').optional(),
    to: instant('--to').optional(),
  })
  .refine(({ from, to }) => !from || !to || from < to, '--from has to be before --to');

const planned = z.object({ runId: z.string().nullable() });

export const backfill = changeCommand({
  ...opsCommandNamed('backfill'),
  examples: [typed('ops backfill --stream leads --from 2026-01-01')],
  flags: {
    stream: { value: '<a,b>', isList: true, help: 'streams to read; the parents of a child are read with it' },
    from: { value: '<ISO>', help: 'leads that changed at or after this; default: all' },
    to: { value: '<ISO>', help: 'leads that changed before this; default: now' },
  },
  input,
  async prepare(target, { stream, from, to }) {
    const names = withParents(stream).map(({ name }) => name);
    const resume = await suggested(target, 'resume');
    const isPaused = !(await Promise.all(target.pipeline.Schedules.map(isScheduleOn))).every(Boolean);
    const window =
      from || to ? ` Leads that changed ${from ? `from ${from} ` : ''}${to ? `to ${to}` : 'up to now'}.` : '';
    // Throws if the API of a local run is not known. A run must not be planned then: nothing could read for it.
    target.api();
    return {
      lines: [
        `Reads ${names.join(', ')} of workspace ${target.workspace} anew.${names.includes('leads') ? window : ''}`,
        'Lists without a time filter are read whole. Watermarks stay where they are.',
        ...(isPaused
          ? [`The workspace is paused: the run begins with ${resume}, and beyond its deadline ends with what it has.`]
          : []),
      ],
      async act() {
        const request: Partial<PlanRequest> = {
          scheduledAt: target.clock.now().toISOString(),
          kind: 'backfill',
          streams: names,
          once: true,
          ...(from ? { from } : {}),
          ...(to ? { to } : {}),
        };
        const answer = planned.parse(await invokeFunction(target.pipeline.PlanFunctionName, request));
        if (answer.runId === null)
          return { lines: ['Nothing was planned.'], data: { ...answer, paused: isPaused, report: null }, ok: false };
        await target.settle();
        const report = (await readJson(target.store, reportKey(answer.runId), runReport))?.value ?? null;
        const underWay = isPaused
          ? `is planned. The workspace is paused: it begins with ${resume}`
          : `is under way: ${await suggested(target, 'status')} tells how it goes`;
        const problems = report ? await problemLines(report, target) : [];
        return {
          lines: [`Run ${answer.runId} ${report ? `ended ${report.status}` : underWay}.`, ...problems],
          data: { ...answer, paused: isPaused, report },
          ok: !report || isSuccess(report),
        };
      },
    };
  },
});
