/** Waits for the runs of a repair. */

import { setTimeout as wait } from 'node:timers/promises';
import { reportKey } from '../../lambdas/contract/object-keys.ts';
import type { RunReport } from '../../lambdas/contract/run-report.ts';
import { isRepair } from '../status/repeated-runs.ts';
import type { Target } from '../target.ts';
import type { ReportWait } from './repair.ts';

/** How long the command waits for a repair. After that the repair continues without it. */
const patienceMilliseconds = 15 * 60_000;
const lookMilliseconds = 5_000;

/** Ids of the runs that are still asking the API again for rows which these reports found missing. */
export async function runsAsking(reports: readonly RunReport[], { store }: Target): Promise<string[]> {
  const runIds = reports.flatMap(({ confirmRunId }) => confirmRunId ?? []);
  const ended = await Promise.all(runIds.map((runId) => store.head(reportKey(runId))));
  return runIds.filter((_, at) => !ended[at]);
}

/**
 * The reports of what a repair read. The others are those of earlier runs whose lost files it made again: what such a run
 * met may be settled long since, and `ops status` tells what still stands.
 */
export function ownReports(reports: readonly RunReport[]): RunReport[] {
  return reports.filter(isRepair);
}

/** Waits for the reports of the runs. Undefined if one does not arrive within 15 minutes. */
export async function reportsOf(waits: readonly ReportWait[]): Promise<RunReport[] | undefined> {
  const until = Date.now() + patienceMilliseconds;
  for (;;) {
    const reports = (await Promise.all(waits.map((report) => report()))).flatMap((report) => report ?? []);
    if (reports.length === waits.length) return reports;
    if (Date.now() >= until) return undefined;
    await wait(lookMilliseconds);
  }
}
