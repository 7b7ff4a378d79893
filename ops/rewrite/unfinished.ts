import type { Work } from '../../lambdas/core/rewrite/work.ts';
import { suggested, type Target } from '../target.ts';

/** Says that a rewrite is under way or was interrupted, and which command finishes it. */
export async function unfinishedText(
  target: Pick<Target, 'local'>,
  { command, startedAt }: Pick<Work, 'command' | 'startedAt'>,
): Promise<string> {
  return `The ${command} of ${startedAt} is not finished. First run: ${await suggested(target, command)}`;
}
