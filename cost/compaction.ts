import { compactedBytes, settledDays } from '../lambdas/contract/compaction.ts';
import { compactedTables } from '../lambdas/streams/registry.ts';
import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import type { Usage } from './bill.ts';
import type { Measurement, PhaseName } from './measurement.ts';
import { daysPerMonth, workload } from './workload.ts';

/**
 * What the compaction of settled days costs and saves. It is not in the measured run, in which no day is old
 * enough, and follows from core/publish/compact-tables.ts: the small files of a day become one.
 */

type Phases = Measurement['phases'];
const written = ['night', 'webhook', 'export', 'reconciliation'] as const;

/** Files of the largest table that a query opens: those of the last days as they were written, and of each day before one. */
export function filesOfLargestTable(
  phases: Phases,
  times: Record<PhaseName, number>,
  { retention }: WorkspaceConfig,
): number {
  const daily = (of: 'bytes' | 'files') =>
    written.reduce((sum, name) => sum + (phases[name].largestTable[of] / phases[name].repeats) * times[name], 0) /
    daysPerMonth;
  const compacted = ({ files, bytes }: { files: number; bytes: number }) =>
    Math.min(files, Math.max(1, Math.ceil(bytes / compactedBytes)));
  const days = workload.monthsOfHistory * daysPerMonth;
  // A plan is gone up to a day after it has expired.
  const recent = Math.min(days, Math.max(settledDays, retention.runDays) + 1);
  const perDay = { files: daily('files'), bytes: daily('bytes') };
  return compacted(phases.firstLoad.largestTable) + recent * perDay.files + (days - recent) * compacted(perDay);
}

/** A month of it: each file is read once and deleted, each run is asked for once, and each table has at most one file a day. */
export function compactionUsage(phases: Phases, times: Record<PhaseName, number>): Usage[] {
  const cause = 'nights';
  const files = written.reduce(
    (sum, name) => sum + ((phases[name].invocations['convert'] ?? 0) / phases[name].repeats) * times[name],
    0,
  );
  return [
    { price: 's3.reads', quantity: files + times.night + times.webhook, cause },
    // The file, and before it what says that it is to be.
    { price: 's3.writes', quantity: 2 * compactedTables.length * times.night, cause },
  ];
}
