/** What the last nightly runs read, and when. */

import { reportKey } from '../../lambdas/contract/object-keys.ts';
import type { PipelineState } from '../../lambdas/contract/pipeline-state.ts';
import { type RunReport, runReport } from '../../lambdas/contract/run-report.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import { streams, withParents } from '../../lambdas/streams/registry.ts';
import type { Damage } from '../lake/damage.ts';
import { recentRuns } from '../lake/recent-runs.ts';

const nightsLookedAt = 7;

export async function nightlyReports(store: ObjectStore, now: Date, damage: Damage): Promise<RunReport[]> {
  const runs = await recentRuns(store, now, nightsLookedAt);
  const nights = runs.filter(({ runId, hasReport }) => hasReport && runId.startsWith('nightly-'));
  const reports = await inBatches(nights, ({ runId }) => damage.readJson(store, reportKey(runId), runReport));
  return reports.flatMap((report) => report ?? []);
}

/**
 * Streams that nightly runs read and that are switched on, parents first.
 * @param switchedOn undefined: all
 */
export function streamsRead(
  { watermarks }: PipelineState,
  nights: readonly RunReport[],
  switchedOn: readonly string[] | undefined,
): Stream[] {
  const named = new Set(nights.flatMap(({ tables }) => Object.keys(tables)));
  return (switchedOn ? withParents(switchedOn) : streams).filter(({ name }) =>
    named.size > 0 ? named.has(name) : name in watermarks,
  );
}

/** Start of the newest nightly run that read a stream, from the pipeline's state or, if that is lost, the reports. */
export function watermarkOf(
  { name }: Stream,
  { watermarks }: PipelineState,
  nights: readonly RunReport[],
): number | undefined {
  const mark = watermarks[name];
  if (mark || Object.keys(watermarks).length > 0) return mark && Date.parse(mark.at);
  const complete = nights.find(({ tables }) => tables[name]?.status === 'complete');
  return complete && Date.parse(complete.startedAt);
}
