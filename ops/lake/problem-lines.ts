import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { problemsText } from '../../local/cli/problems-text.ts';
import { folderFlags } from '../../local/cli/suggested-command.ts';
import type { Target } from '../target.ts';

/** The problems of a run that a command started, each with what to do; none if it has none. */
export async function problemLines(
  report: RunReport,
  { local, terminal }: Pick<Target, 'local' | 'terminal'>,
): Promise<string[]> {
  const opsFlags = local ? await folderFlags(local.out) : '';
  const text = problemsText(report, { out: local?.out ?? '', terminal, opsFlags });
  return text === '' ? [] : ['', text];
}
