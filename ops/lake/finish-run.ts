import { failedCheckKey, reportKey } from '../../lambdas/contract/object-keys.ts';
import { failure } from '../../lambdas/contract/run.ts';
import { runReport } from '../../lambdas/contract/run-report.ts';
import { reportWithFlags, withFlags } from '../../lambdas/core/runs/commands.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { noProgress } from '../../local/cli/progress-display.ts';
import { startCommand } from '../../local/cli/out-flag.ts';
import { folderFlags } from '../../local/cli/suggested-command.ts';
import { summaryOf } from '../../local/cli/summary.ts';
import { standingAfter } from '../status/standing-after.ts';
import { forgetRefusedStart } from '../../local/run/refused-start.ts';
import { type Local, suggested, type Target } from '../target.ts';
import { showRun } from './show-run.ts';

/**
 * Waits for the end of a run that was just started or resumed, shows its progress, and tells its result. A run of a
 * deployment is not waited for.
 */
export async function finishRun(runId: string, target: Target) {
  const { local, terminal } = target;
  const shown = showRun(runId, target);
  await target.settle(noProgress).finally(() => shown.end());
  const report = (await readJson(target.store, reportKey(runId), runReport))?.value;
  if (!report && local) return { lines: await notEnded(runId, local, target), report: null, standing: null, ok: false };
  if (!report) {
    const lines = [`Run ${runId} is under way. How it goes: ${await suggested(target, 'status')}`];
    return { lines, report: null, standing: null, ok: true };
  }
  const out = local?.out ?? '';
  if (local) await forgetRefusedStart(out);
  const opsFlags = local ? await folderFlags(out) : '';
  const { customColumns } = target.configured ?? {};
  const options = { out, terminal, allTables: false, opsFlags, customColumns };
  const deadLetters = (await local?.deadLettersLeft?.()) ?? [];
  const { lines: besides, isWell, verdict, needs } = await standingAfter(report, target);
  const lines = [summaryOf(report, options), ...deadLetters, ...besides];
  return { lines, report: reportWithFlags(report, opsFlags), standing: { verdict, needs }, ok: isWell };
}

/** Why the run has not ended, most often because work was given up, and how it goes on. */
async function notEnded(runId: string, local: Local, { store }: Pick<Target, 'store'>): Promise<string[]> {
  const given = (await readJson(store, failedCheckKey(runId), failure))?.value.message;
  const why = given ?? local.traffic?.().lastRetry?.reason;
  if (why === undefined) return goOn(`Run ${runId} has not ended.`, local);
  const deadLetters = (await local.deadLettersLeft?.()) ?? [];
  return [
    `Run ${runId} has not ended. What failed last: ${withFlags(why, await folderFlags(local.out))}`,
    // The run ends once its work is sent again. If none was given up, a start goes on with it.
    ...(deadLetters.length > 0 ? deadLetters : goOn('Once that is mended, the run can end.', local)),
  ];
}

/** The functions of a folder end with the command that runs them. So another command has to go on with the run. */
export function goOn(text: string, { out }: Local): string[] {
  return [`${text} To go on with it:`, `  ${startCommand(out)}`];
}
