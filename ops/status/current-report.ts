import type { PipelineState } from '../../lambdas/contract/pipeline-state.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { currentAdvice } from '../../lambdas/contract/schema-changes.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';

/** The report without the advice that a person has followed since the run. */
export function currentReport(
  { schemaChanges, unappliedPersonalData, ...report }: RunReport,
  streams: readonly Stream[],
  { personalData }: Pick<PipelineState, 'personalData'>,
): RunReport {
  const applied = new Set([...(personalData?.drop ?? []), ...(personalData?.hash ?? [])]);
  const unapplied = unappliedPersonalData?.filter((entry) => !applied.has(entry)) ?? [];
  return {
    ...report,
    ...(schemaChanges ? { schemaChanges: currentAdvice(schemaChanges, streams) } : {}),
    ...(unapplied.length === 0 ? {} : { unappliedPersonalData: unapplied }),
  };
}
