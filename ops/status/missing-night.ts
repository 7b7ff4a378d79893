/** Whether nightly runs have stopped, as RunMissing of the runbook means it. */

import type { PipelineState } from '../../lambdas/contract/pipeline-state.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { scheduledAtOf } from '../../lambdas/core/runs/run-ids.ts';
import type { ListedRun } from '../lake/recent-runs.ts';

export interface MissingNight {
  /** When the last nightly run ended. */
  readonly since: string;
  /** The schedule has a nightly run at least every so many hours. */
  readonly expectedHours: number;
}

const hour = 3_600_000;

/**
 * When the last nightly run ended. If it is older than the listed runs, when the newest one began that has read a table
 * whole. Undefined if there is neither.
 */
export function lastNightEnded(
  night: ListedRun | undefined,
  runs: readonly RunReport[],
  { watermarks }: PipelineState,
): string | undefined {
  if (!night)
    return Object.values(watermarks)
      .map(({ at }) => at)
      .toSorted()
      .at(-1);
  const report = runs.find(({ runId }) => runId === night.runId);
  return report?.finishedAt ?? scheduledAtOf(night.runId).toISOString();
}

/** @returns undefined if no night is missing, or if nothing says how often there should be one */
export function missingNight(
  since: string | undefined,
  expectedHours: number | undefined,
  now: Date,
): MissingNight | undefined {
  if (since === undefined || expectedHours === undefined) return undefined;
  return now.getTime() - Date.parse(since) < expectedHours * hour ? undefined : { since, expectedHours };
}
