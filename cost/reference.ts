/**
 * Measurements of two workspaces, from which the counts for other sizes are derived. `npm run cost:record` repeats the
 * measurements.
 */

import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { streamNamed, streams, streamsIn } from '../lambdas/streams/registry.ts';
import { reading } from '../lib/config/reading-fields.ts';
import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import { type Counts, type Measured, measured, type PhaseName, phaseNames } from './measure.ts';

export const referenceFile = new URL('./reference.json', import.meta.url);

const reference = z.object({ small: measured, large: measured });
export type Reference = z.infer<typeof reference>;

/** Number of leads of the two workspaces. The test measures the small workspace again. */
export const sizes = { small: 40, large: 400 } as const;

export function readReference(): Reference {
  return reference.parse(JSON.parse(readFileSync(referenceFile, 'utf8')));
}

/**
 * A run makes some calls whatever it reads: as many as for three tables. Measured with 2, 15 and 33 tables, for which
 * the writes and lists of S3, the dearest calls, then lie within a tenth of what was counted.
 */
const runAsTables = 3;

/**
 * The counts for a workspace of any size, on the straight line through the two measurements. A refresh
 * concerns one lead and an export without a bucket reads no row, so their counts do not depend on the size.
 */
export function countsFor(
  reference: Reference,
  phase: PhaseName,
  leads: number,
  config: Pick<WorkspaceConfig, 'streams' | 'reading'>,
): Counts {
  const recorded = countsOfAll(reference, phase, leads);
  const all =
    phase === 'night' ? withRereading(recorded, countsOfAll(reference, 'firstLoad', leads), config) : recorded;
  if (config.streams === 'all') return all;
  const chosen = new Set(streamsIn(config.streams.join(',')).map(({ name }) => name));
  if (phase === 'export') return all;
  // A refresh reads one lead, whatever other tables there are.
  const share = phase === 'refresh' ? 1 : (chosen.size + runAsTables) / (streams.length + runAsTables);
  return withoutTables(all, chosen, share);
}

/** Days in which the recorded nights read all children again: the default. */
const recordedRereadDays = reading.parse({}).childRereadDays;

/**
 * The counts of a night that reads another share of the children again than the recorded one. A first load reads all of
 * them once. The calls of the functions stay as recorded.
 */
function withRereading(
  night: Counts,
  { requestsByTable: allChildren }: Counts,
  { reading: { childRereadDays } }: Pick<WorkspaceConfig, 'reading'>,
): Counts {
  const more = 1 / childRereadDays - 1 / recordedRereadDays;
  const added = streams.flatMap(({ name, parent }) => {
    const isReread = parent && streamNamed(parent.stream).childReading !== 'every-night';
    return isReread ? [[name, (allChildren[name] ?? 0) * more] as const] : [];
  });
  return {
    ...night,
    apiRequests: added.reduce((sum, [, requests]) => sum + requests, night.apiRequests),
    requestsByTable: {
      ...night.requestsByTable,
      ...Object.fromEntries(added.map(([name, requests]) => [name, (night.requestsByTable[name] ?? 0) + requests])),
    },
  };
}

/**
 * Leaves out the requests of the tables that are not chosen.
 * @param share of the calls and bytes that remains
 */
function withoutTables(all: Counts, chosen: ReadonlySet<string>, share: number): Counts {
  const leftOut = Object.entries(all.requestsByTable).filter(([table]) => !chosen.has(table));
  return {
    ...all,
    calls: Object.fromEntries(Object.entries(all.calls).map(([call, count]) => [call, count * share])),
    apiRequests: leftOut.reduce((sum, [, count]) => sum - count, all.apiRequests),
    requestsByTable: Object.fromEntries(Object.entries(all.requestsByTable).filter(([table]) => chosen.has(table))),
    rawBytes: all.rawBytes * share,
    historyBytes: all.historyBytes * share,
    currentBytes: all.currentBytes * share,
  };
}

function countsOfAll({ small, large }: Reference, phase: PhaseName, leads: number): Counts {
  if (phase === 'refresh' || phase === 'export') return large.phases[phase];
  const share = (leads - small.leads) / (large.leads - small.leads);
  const at = (low: number, high: number) => Math.max(0, low + share * (high - low));
  const [a, b] = [small.phases[phase], large.phases[phase]];
  const each = (low: Readonly<Record<string, number>>, high: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      [...new Set([...Object.keys(low), ...Object.keys(high)])].map((key) => [key, at(low[key] ?? 0, high[key] ?? 0)]),
    );
  return {
    calls: each(a.calls, b.calls),
    invocations: each(a.invocations, b.invocations),
    apiRequests: at(a.apiRequests, b.apiRequests),
    requestsByTable: each(a.requestsByTable, b.requestsByTable),
    events: at(a.events, b.events),
    metrics: Math.max(a.metrics, b.metrics),
    logBytes: at(a.logBytes, b.logBytes),
    rawBytes: at(a.rawBytes, b.rawBytes),
    historyBytes: at(a.historyBytes, b.historyBytes),
    currentBytes: at(a.currentBytes, b.currentBytes),
    largestTableBytes: at(a.largestTableBytes, b.largestTableBytes),
  };
}

/** Most calls that do not count as a rise: a tenth more than before, plus two for calls that are rarely made. */
const most = (before: number) => before * 1.1 + 2;

/** Says what a measurement does more often than an earlier one: each kind of call, by phase. */
export function risenCalls(before: Measured['phases'], now: Measured['phases']): string[] {
  return phaseNames.flatMap((phase) => {
    const known = kindsOf(before[phase]);
    return Object.entries(kindsOf(now[phase]))
      .filter(([kind, count]) => count > most(known[kind] ?? 0))
      .map(([kind, count]) => `${phase}: ${kind} rose from ${known[kind] ?? 0} to ${count}`);
  });
}

function kindsOf({ calls, invocations, apiRequests }: Counts): Readonly<Record<string, number>> {
  return { ...calls, ...invocations, 'requests to the API': apiRequests };
}
