import { metricNames } from '../../contract/metrics.ts';
import type { PipelineState, RunReport } from '../../contract/run.ts';
import type { Log, Metrics } from '../ports.ts';

const hourMilliseconds = 3_600_000;
const metricOfStatus = {
  complete: metricNames.runComplete,
  partial: metricNames.runPartial,
  failed: metricNames.runFailed,
} as const;

/**
 * What the alarms and the dashboard know of a run that is over. Tables stand in log lines, which the
 * dashboard queries: a metric for each of them would cost more than the rest of the monitoring.
 * @param state after the run moved its watermarks
 */
export function countRun(report: RunReport, state: PipelineState, { metrics, log }: { metrics: Metrics; log: Log }) {
  const { runId, kind, status, tables } = report;
  metrics.count(metricOfStatus[status], 1);
  log.info('The run is over.', { runId, status });
  const ages: number[] = [];
  for (const [table, { status: tableStatus, rowsWritten, requests, error }] of Object.entries(tables)) {
    const watermark = state.watermarks[table]?.at;
    const age = watermark === undefined ? undefined : hoursBetween(watermark, report.finishedAt);
    if (age !== undefined) ages.push(age);
    log.info('A table of the run is over.', {
      runId,
      table,
      status: tableStatus,
      rowsWritten,
      requests,
      code: error?.code ?? null,
      hoursSinceComplete: age ?? null,
    });
  }
  if (kind !== 'nightly') return;
  // A replay brings an earlier night home; it does not stand for the run of this night.
  if (report.replayedAt === undefined) metrics.count(metricNames.nightlyRunEnded, 1);
  // A table that was never complete has no age; its run is partial, which has an alarm of its own.
  if (ages.length > 0) metrics.count(metricNames.stalestTableHours, Math.max(...ages));
}

/** Rounded to a hundredth. */
function hoursBetween(from: string, to: string): number {
  return Math.max(0, Math.round(((Date.parse(to) - Date.parse(from)) / hourMilliseconds) * 100) / 100);
}
