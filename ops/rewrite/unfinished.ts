import { rewriteWorkKey } from '../../lambdas/contract/object-keys.ts';
import { type Work, work } from '../../lambdas/core/rewrite/work.ts';
import type { Damage } from '../lake/damage.ts';
import { suggested, type Target } from '../target.ts';

/** Says that a rewrite is under way or was interrupted, and which command finishes it. */
export async function unfinishedText(
  target: Pick<Target, 'local'>,
  { command, startedAt }: Pick<Work, 'command' | 'startedAt'>,
): Promise<string> {
  return `The ${command} of ${startedAt} is not finished. First run: ${await suggested(target, command)}`;
}

/** What `ops status` says of a rewrite, also to a person whose policy does not show whom it forgets. */
export async function unfinishedRewrite(
  target: Pick<Target, 'local' | 'store'>,
  damage: Damage,
): Promise<string | undefined> {
  try {
    const found = await damage.readJson(target.store, rewriteWorkKey, work);
    return found && (await unfinishedText(target, found));
  } catch (error) {
    if (!(error instanceof Error) || !error.name.startsWith('AccessDenied')) throw error;
    return 'A forget or a rehash is not finished. Your policy does not show which one, because it may name persons.';
  }
}
