import type { PipelineState } from '../../lambdas/contract/pipeline-state.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { currentAdvice } from '../../lambdas/contract/schema-changes.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';

/** The report without the advice that a person has followed since the run. */
export function currentReport(
  { schemaChanges, unappliedPersonalData, formerColumns, ...report }: RunReport,
  streams: readonly Stream[],
  { personalData, writtenColumns = {} }: Pick<PipelineState, 'personalData' | 'writtenColumns'>,
): RunReport {
  const applied = new Set([...(personalData?.drop ?? []), ...(personalData?.hash ?? [])]);
  const unapplied = unappliedPersonalData?.filter((entry) => !applied.has(entry)) ?? [];
  const former = formerColumns?.filter(({ column, isDeclared }) => {
    const written = writtenColumns[column];
    return isDeclared ? written && written.kinds.length > 1 : written?.removedIn !== undefined;
  });
  return {
    ...report,
    ...(schemaChanges ? { schemaChanges: currentAdvice(schemaChanges, streams) } : {}),
    ...(unapplied.length === 0 ? {} : { unappliedPersonalData: unapplied }),
    ...(former === undefined || former.length === 0 ? {} : { formerColumns: former }),
  };
}
