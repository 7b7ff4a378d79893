import { isDeepStrictEqual } from 'node:util';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { runFiles } from '../../lambdas/core/publish/run-table.ts';
import { readParquet } from '../../lambdas/core/rows/parquet/read.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { Damage } from '../lake/damage.ts';
import { readRows } from '../lake/read-rows.ts';

/** Runs whose rows in `pipeline_runs` or `schema_changes` are missing or differ from their reports. */
export async function unlistedRuns(reports: readonly RunReport[], store: ObjectStore): Promise<string[]> {
  const listed = await inBatches(reports, (report) => isListed(report, store));
  return reports.flatMap(({ runId }, at) => (listed[at] ? [] : [runId]));
}

/** True if the run's rows match its report. A column that was added after the file was written is null in each row. */
async function isListed(report: RunReport, store: ObjectStore): Promise<boolean> {
  const matches = await inBatches(runFiles(report), async ({ table, key, body }) => {
    const names = Object.keys(table.columns);
    const wanted = await readParquet(key, body, names);
    const rows = await new Damage().skipIfDamaged(() => readRows(key, names, (row) => row, store));
    return (
      rows?.length === wanted.length &&
      rows.every((row, at) =>
        names.every((name) => row[name] === null || isDeepStrictEqual(row[name], wanted[at]?.[name])),
      )
    );
  });
  return matches.every(Boolean);
}
