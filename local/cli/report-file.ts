import type { Failure } from '../../lambdas/contract/run.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import type { RunStatus } from '../../lambdas/contract/run-status.ts';

/** The JSON that `--report` writes. */
export interface ReportFile {
  readonly runId: string;
  readonly status: RunStatus;
  readonly startedAt: string;
  readonly finishedAt: string;
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

export function reportFile({ runId, status, startedAt, finishedAt, tables }: RunReport): ReportFile {
  return {
    runId,
    status,
    startedAt,
    finishedAt,
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
