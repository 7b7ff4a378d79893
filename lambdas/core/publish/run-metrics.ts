import { metricNames } from '../../contract/metrics.ts';
import type { RunReport, TableReport } from '../../contract/run-report.ts';
import type { PipelineState } from '../../contract/pipeline-state.ts';
import type { Log, Metrics } from '../ports.ts';
import { isWholeNight } from '../runs/last-night.ts';
import { hoursSinceWhole } from './table-age.ts';

const metricOfStatus = {
  complete: metricNames.runComplete,
  partial: metricNames.runPartial,
  failed: metricNames.runFailed,
} as const;

/**
 * Emits the metrics of a finished run. Each table gets a log line instead, which the dashboard queries: a metric per
 * table would cost more than the rest of the monitoring.
 * @param state after the run moved its watermarks
 */
export function countRun(report: RunReport, state: PipelineState, { metrics, log }: { metrics: Metrics; log: Log }) {
  const { runId, kind, status, tables } = report;
  // A metric costs money in each hour in which it is written. Refreshes run all day, so they write none if all is well.
  const isQuiet = kind !== 'nightly' && status === 'complete';
  if (!isQuiet) metrics.count(metricOfStatus[status], 1);
  log.info('The run is over.', { runId, status });
  const ages = hoursSinceWhole(report, state);
  for (const [table, counts] of Object.entries(tables)) {
    const { status: tableStatus, rowsWritten, rowsChanged, rowsHealed, rowsRejected, requests, error } = counts;
    const hoursSinceComplete = ages.get(table) ?? null;
    const code = error?.code ?? null;
    log.info('A table of the run is over.', {
      runId,
      table,
      status: tableStatus,
      rowsWritten,
      rowsChanged,
      rowsHealed,
      rowsRejected,
      requests,
      code,
      hoursSinceComplete,
    });
  }
  const total = (of: (table: TableReport) => number) =>
    Object.values(tables).reduce((sum, table) => sum + of(table), 0);
  const rejected = total(({ rowsRejected }) => rowsRejected);
  if (!isQuiet || rejected > 0) metrics.count(metricNames.rowsRejected, rejected);
  if (kind !== 'nightly') return;
  metrics.count(
    metricNames.rowsHealed,
    total(({ rowsHealed }) => rowsHealed),
  );
  // A replay completes an earlier nightly run, and a run of some tables is no night: neither counts as that of this night.
  if (report.replayedAt === undefined && isWholeNight(report)) metrics.count(metricNames.nightlyRunEnded, 1);
  if (ages.size > 0) metrics.count(metricNames.stalestTableHours, Math.max(...ages.values()));
}
