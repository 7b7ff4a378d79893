import { pipelineStateKey } from '../lambdas/contract/object-keys.ts';
import { pipelineState } from '../lambdas/contract/pipeline-state.ts';
import { PipelineError } from '../lambdas/core/errors.ts';
import { refusalOf, workspaceOf } from '../lambdas/core/plan/check-workspace.ts';
import { readJson } from '../lambdas/core/store/stored-json.ts';
import { UsageError } from '../local/cli/usage-error.ts';
import type { Target } from './target.ts';

/** A person waits for the answer. */
const patience = { remainingMilliseconds: () => 60_000 };

/**
 * Asks the API whose key it is, before a command compares its answers with the tables, as each run does.
 * @throws UsageError if the key belongs to another workspace than the tables, or the API does not say whose it is
 */
export async function checkKey({ store, api }: Pick<Target, 'store' | 'api'>): Promise<void> {
  const state = (await readJson(store, pipelineStateKey, pipelineState))?.value;
  if (state?.workspace === undefined) return;
  try {
    const answer = await api().get('/me', {}, { stream: '/me', scope: 'me.read', deadline: patience });
    const refusal = refusalOf(workspaceOf(answer), state);
    if (refusal) throw new UsageError(refusal.message);
  } catch (error) {
    if (error instanceof PipelineError) throw new UsageError(error.message, 1);
    throw error;
  }
}
