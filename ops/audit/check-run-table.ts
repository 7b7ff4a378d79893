import { isDeepStrictEqual } from 'node:util';
import { partitionDate, runTableKey } from '../../lambdas/contract/object-keys.ts';
import { pipelineRuns } from '../../lambdas/contract/pipeline-tables.ts';
import type { RunReport } from '../../lambdas/contract/run.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { runTable } from '../../lambdas/core/publish/run-table.ts';
import { readParquet } from '../../lambdas/core/rows/parquet/read.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { Damage } from '../lake/damage.ts';
import { readRows } from '../lake/read-rows.ts';

/** Runs whose rows `pipeline_runs` lacks, or has in other words than their reports. */
export async function unlistedRuns(reports: readonly RunReport[], store: ObjectStore): Promise<string[]> {
  const listed = await inBatches(reports, (report) => isListed(report, store));
  return reports.flatMap(({ runId }, at) => (listed[at] ? [] : [runId]));
}

/** Whether the run's rows say what its report says. A column that is younger than the file is null in each of them. */
async function isListed(report: RunReport, store: ObjectStore): Promise<boolean> {
  const names = Object.keys(pipelineRuns.columns);
  const key = runTableKey(partitionDate(report.startedAt), report.runId);
  const wanted = await readParquet(runTable(report), names);
  const rows = await new Damage().passOver(() => readRows(key, names, (row) => row, store));
  return (
    rows?.length === wanted.length &&
    rows.every((row, at) =>
      names.every((name) => row[name] === null || isDeepStrictEqual(row[name], wanted[at]?.[name])),
    )
  );
}
