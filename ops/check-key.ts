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
 * @throws UsageError if the key is refused or belongs to another workspace than the tables, or the API does not answer
 */
export async function checkKey({ store, api }: Pick<Target, 'store' | 'api'>): Promise<void> {
  const refusal = await askWorkspace({ store, api: api() }, patience);
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
 * Asks the same before functions read with the key. Whoever operates a deployment cannot read its key, so there the plan
 * function asks.
 * @throws UsageError if the key is refused or belongs to another workspace than the tables, or the API does not answer
 */
export async function checkKeyOfFunctions(target: Pick<Target, 'local' | 'pipeline' | 'store' | 'api'>): Promise<void> {
  const { local, pipeline } = target;
  if (local) return checkKey(target);
  const request: KeyCheckRequest = { checkKey: true };
  const { refusal } = keyCheckAnswer.parse(await invokeFunction(pipeline.PlanFunctionName, request));
  if (refusal !== null) throw new UsageError(refusal);
}
