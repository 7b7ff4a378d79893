import { keyCheckAnswer, type KeyCheckRequest } from '../lambdas/contract/messages.ts';
import { PipelineError } from '../lambdas/core/errors.ts';
import { askWorkspace } from '../lambdas/core/plan/check-workspace.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import { invokeFunction } from './adapters/functions.ts';
import type { Target } from './target.ts';

/** A person waits for the answer. */
const patience = { remainingMilliseconds: () => 60_000 };

/**
 * Asks the API whose key it is, before a command compares its answers with the tables, as each run does.
 * @throws UsageError if the key belongs to another workspace than the tables, or the API does not say whose it is
 */
export async function checkKey({ store, api }: Pick<Target, 'store' | 'api'>): Promise<void> {
  const refusal = await orNoAnswer(() => askWorkspace({ store, api: api() }, patience));
  if (refusal) throw new UsageError(refusal.message);
}

/**
 * Asks the API for a person.
 * @throws UsageError if nothing can be asked, for example because the key is refused
 */
export async function orNoAnswer<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof PipelineError) throw new UsageError(error.message);
    throw error;
  }
}

/**
 * Has the plan function ask the same, before functions read with the key: whoever operates a deployment cannot read it.
 * The key of a folder was checked when the command began.
 * @throws UsageError if the key belongs to another workspace than the tables, or the API does not say whose it is
 */
export async function checkKeyOfFunctions({ local, pipeline }: Pick<Target, 'local' | 'pipeline'>): Promise<void> {
  if (local) return;
  const request: KeyCheckRequest = { checkKey: true };
  const { refusal } = keyCheckAnswer.parse(await invokeFunction(pipeline.PlanFunctionName, request));
  if (refusal !== null) throw new UsageError(refusal);
}
