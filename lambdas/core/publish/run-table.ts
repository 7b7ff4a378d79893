import { pipelineRuns } from '../../contract/pipeline-tables.ts';
import type { RunReport } from '../../contract/run-report.ts';
import { writeParquet } from '../rows/parquet/write.ts';

/** The rows of a run in `pipeline_runs`, as a Parquet file. */
export function runTable(report: RunReport): Uint8Array {
  const rows = Object.entries(report.tables).map(([name, table]) => ({
    run_id: report.runId,
    table_name: name,
    kind: report.kind,
    run_status: report.status,
    status: table.status,
    rows_extracted: BigInt(table.rowsExtracted),
    rows_written: BigInt(table.rowsWritten),
    rows_rejected: BigInt(table.rowsRejected),
    rows_unchanged: BigInt(table.rowsUnchanged),
    rows_changed: BigInt(table.rowsChanged),
    rows_healed: BigInt(table.rowsHealed),
    rows_deleted: BigInt(table.rowsDeleted),
    rows_suspected: BigInt(table.rowsSuspected),
    missing: BigInt(table.missing),
    items_failed: BigInt(table.itemsFailed),
    files: BigInt(table.files),
    bytes: BigInt(table.bytes),
    requests: BigInt(table.requests),
    retries: BigInt(table.retries),
    error_code: table.error?.code ?? null,
    error_message: table.error?.message ?? null,
    error_request_id: table.error?.requestId ?? null,
    started_at: new Date(report.startedAt),
    finished_at: new Date(report.finishedAt),
  }));
  return writeParquet(pipelineRuns, rows);
}
