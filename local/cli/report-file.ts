import { type CustomColumns, withCustomColumns } from '../../lambdas/contract/custom-columns.ts';
import type { Failure } from '../../lambdas/contract/run.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { RunStatus } from '../../lambdas/contract/run-status.ts';
import type { Cause } from '../../lambdas/core/runs/causes.ts';
import { notesOf, problemsOf } from '../../lambdas/core/runs/report-problems.ts';
import { streams } from '../../lambdas/streams/registry.ts';

/** The JSON that `--report` writes. */
export interface ReportFile {
  readonly runId: string;
  readonly status: RunStatus;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The problems that `start` prints. A run that is complete can have some. */
  readonly problems: readonly Cause[];
  /** What changed in the fields of the API, the custom columns that get no value, and the columns to add. */
  readonly notes: readonly string[];
  readonly tables: Readonly<
    Record<
      string,
      {
        readonly status: RunStatus;
        readonly rowsExtracted: number;
        readonly rowsWritten: number;
        readonly rowsRejected: number;
        readonly files: number;
        readonly bytes: number;
        readonly requests: number;
        readonly retries: number;
        readonly error: Failure | null;
        /** What a person should know although nothing failed. */
        readonly notes: readonly string[];
      }
    >
  >;
}

/** @param customColumns of the workspace */
export function reportFile(report: RunReport, customColumns: CustomColumns): ReportFile {
  const { runId, status, startedAt, finishedAt, tables } = report;
  return {
    runId,
    status,
    startedAt,
    finishedAt,
    problems: problemsOf(report, streams),
    notes: notesOf(
      report,
      streams.map((stream) => withCustomColumns(stream, customColumns)),
    ),
    tables: Object.fromEntries(
      Object.entries(tables).map(([name, table]) => {
        const { rowsExtracted, rowsWritten, rowsRejected, files, bytes, requests, retries, error, notes } = table;
        return [
          name,
          {
            status: table.status,
            rowsExtracted,
            rowsWritten,
            rowsRejected,
            files,
            bytes,
            requests,
            retries,
            error,
            notes,
          },
        ];
      }),
    ),
  };
}
