import { pipelineStateKey, reportKey } from '../../contract/object-keys.ts';
import { pipelineState } from '../../contract/pipeline-state.ts';
import type { Plan } from '../../contract/run.ts';
import { runReport } from '../../contract/run-report.ts';
import type { ObjectStore } from '../ports.ts';
import { readJson } from '../store/stored-json.ts';

interface RunState {
  readonly plan: Plan | undefined;
  readonly cannotResendBecause: string | undefined;
}

/**
 * Adds the night that has done the work of a letter that cannot be sent again: it began after the letter's night, and
 * read the table completely. A night does not repeat the work of a backfill, an export or a refresh.
 */
export async function doneSince(
  stream: string,
  runState: RunState,
  store: ObjectStore,
): Promise<RunState & { readonly doneBy: string | undefined }> {
  const { plan, cannotResendBecause } = runState;
  if (plan?.kind !== 'nightly' || cannotResendBecause === undefined) return { ...runState, doneBy: undefined };
  const state = await readJson(store, pipelineStateKey, pipelineState);
  // The time since which changes still have to be read. It is the start of the reading, even if that took several nights.
  const { at = '', runId = '' } = state?.value.watermarks[stream] ?? {};
  const report = at > plan.startedAt ? await readJson(store, reportKey(runId), runReport) : undefined;
  return { ...runState, doneBy: report?.value.tables[stream]?.status === 'complete' ? runId : undefined };
}
