import { reportKey } from '../../lambdas/contract/object-keys.ts';
import { runReport } from '../../lambdas/contract/run-report.ts';
import { reportWithFlags } from '../../lambdas/core/runs/commands.ts';
import { readJson } from '../../lambdas/core/store/stored-json.ts';
import { noProgress } from '../../local/cli/progress-display.ts';
import { folderFlags, startCommand } from '../../local/cli/suggested-command.ts';
import { isSuccess, problemsText, summaryOf } from '../../local/cli/summary.ts';
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
  if (!report && local) return { lines: goOn(`Run ${runId} has not ended.`, local), report: null, ok: false };
  if (!report) {
    const lines = [`Run ${runId} is under way. How it goes: ${await suggested(target, 'status')}`];
    return { lines, report: null, ok: true };
  }
  const out = local?.out ?? '';
  const opsFlags = local ? await folderFlags(out) : '';
  const options = { out, terminal, allTables: false, opsFlags };
  const problems = problemsText(report, options);
  const deadLetters = (await local?.deadLettersLeft?.()) ?? [];
  const lines = [summaryOf(report, options), ...(problems === '' ? [] : ['', problems]), ...deadLetters];
  return { lines, report: reportWithFlags(report, opsFlags), ok: isSuccess(report) };
}

/** The functions of a folder end with the command that runs them. So another command has to go on with the run. */
export function goOn(text: string, { out }: Local): string[] {
  return [`${text} To go on with it:`, `  ${startCommand(out)}`];
}
