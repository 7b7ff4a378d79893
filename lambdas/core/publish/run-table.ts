import { partitionDate, runTableKey, schemaChangesKey } from '../../contract/object-keys.ts';
import { pipelineRuns, schemaChanges } from '../../contract/pipeline-tables.ts';
import type { RunReport } from '../../contract/run-report.ts';
import type { SchemaChange } from '../../contract/schema-changes.ts';
import type { Table } from '../../contract/stream.ts';
import { writeParquet } from '../rows/parquet/write.ts';

/** A file of rows about a run. Its content follows from the report alone. */
interface RunFile {
  readonly table: Table;
  readonly key: string;
  readonly body: Uint8Array;
}

/** The rows of a run in `pipeline_runs` and, if it found changes, in `schema_changes`. */
export function runFiles(report: RunReport): RunFile[] {
  const date = partitionDate(report.startedAt);
  const changes = report.schemaChanges ?? [];
  return [
    ...(changes.length === 0
      ? []
      : [{ table: schemaChanges, key: schemaChangesKey(date, report.runId), body: changeTable(report, changes) }]),
    { table: pipelineRuns, key: runTableKey(date, report.runId), body: runTable(report) },
  ];
}

function changeTable({ runId, startedAt }: RunReport, changes: readonly SchemaChange[]): Uint8Array {
  const rows = changes.map(({ table, field, what, from, to, share, shape, suggestion }) => ({
    run_id: runId,
    found_at: new Date(startedAt),
    table_name: table,
    field,
    what,
    types_before: from,
    types: to,
    share,
    shape,
    suggestion,
  }));
  return writeParquet(schemaChanges, rows);
}

function runTable(report: RunReport): Uint8Array {
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
