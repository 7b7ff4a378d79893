import { fileOfRun, reportKey } from '../../lambdas/contract/object-keys.ts';
import type { PipelineState } from '../../lambdas/contract/run.ts';
import { scheduledAtOf } from '../../lambdas/core/runs/run-ids.ts';

/** Records of runs, `runs/<run>/`, that should still be there. */

const day = 86_400_000;
/** S3 expires an object on the day after its last one. */
export const expirySlackDays = 2;

/** Runs that must have left a record, as files of `pipeline_runs` and watermarks say. */
export function runsNamed(lakeKeys: Iterable<string>, { watermarks, underWay }: PipelineState): string[] {
  const named = new Set(Object.values(watermarks).map(({ runId }) => runId));
  for (const key of lakeKeys) {
    const runId = key.startsWith('lake/pipeline_runs/') ? fileOfRun(key)?.runId : undefined;
    if (runId !== undefined) named.add(runId);
  }
  return [...named].filter((runId) => !(runId in underWay)).toSorted();
}

/** @param runDays undefined where nobody knows what the bucket expires: then none has to be there */
export function isRecordKept(runId: string, runDays: number | undefined, now: Date): boolean {
  if (runDays === undefined) return false;
  try {
    return now.getTime() - scheduledAtOf(runId).getTime() < (runDays - expirySlackDays) * day;
  } catch {
    return false;
  }
}

/** What a person is told of them. */
export function missingRecordLines(runIds: readonly string[]): string[] {
  const [first] = runIds;
  if (first === undefined) return [];
  const which =
    runIds.length === 1 ? `the run ${first}` : `${runIds.length} runs, the first ${first}, the last ${runIds.at(-1)},`;
  return [
    `The records of ${which} are missing before their time, such as ${reportKey(first)}. Restore them: the bucket keeps what was deleted for 14 days.`,
  ];
}
