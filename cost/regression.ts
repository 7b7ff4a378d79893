import { parseWorkspace } from '../lib/config/config.ts';
import { bill, type BillLine, dollarsBy, total } from './bill.ts';
import type { FixedResources } from './fixed-usage.ts';
import type { Measurement, Phase } from './measurement.ts';
import { firstLoadUsage, monthlyUsage } from './month.ts';
import type { Settings } from './phase-usage.ts';
import type { PriceTable } from './prices.ts';
import type { ReferenceRun } from './reference.ts';

/** A service that costs less than this a month may grow as it likes: the total sees it. */
const leastUsd = 0.05;
const tolerance = 1.1;

export interface Now {
  /** The small workload, measured anew. */
  readonly small: Measurement;
  readonly fixed: FixedResources;
  readonly settings: Settings;
}

/**
 * What has become dearer by more than a tenth since the reference was recorded: a month of the pipeline, a month
 * of queries or the first load, in all or in one service. Durations are not compared: those of the reference count on both sides, so that only counts,
 * memory and resources make a difference.
 */
export function regressions(then: ReferenceRun, now: Now, prices: PriceTable): string[] {
  const config = parseWorkspace({ name: 'main' });
  const { reference, durations } = then;
  const before = { measurement: reference, durations, config, settings: then.settings, fixed: then.fixed };
  const after = {
    measurement: project(reference, then.small, now.small),
    durations,
    config,
    settings: now.settings,
    fixed: now.fixed,
  };
  const months = [before, after].map((deployment) => bill(monthlyUsage(deployment), prices));
  const firstLoads = [before, after].map((deployment) => bill(firstLoadUsage(deployment), prices));
  const part = (all: readonly BillLine[][], isPart: (line: BillLine) => boolean) =>
    all.map((lines) => lines.filter(isPart));
  return [
    ...risen(
      'A month of the pipeline',
      part(months, ({ cause }) => cause !== 'queries'),
    ),
    ...risen(
      'A month of queries',
      part(months, ({ cause }) => cause === 'queries'),
    ),
    ...risen('The first load', firstLoads),
  ];
}

function* risen(what: string, [before = [], after = []]: readonly (readonly BillLine[])[]): Generator<string> {
  const say = (name: string, was: number, is: number) => `${name} rises from ${dollars(was)} to ${dollars(is)}.`;
  if (total(after) > tolerance * total(before)) yield say(what, total(before), total(after));
  const was = dollarsBy(before, ({ service }) => service);
  for (const [service, usd] of dollarsBy(after, (line) => line.service)) {
    const usdBefore = was.get(service) ?? 0;
    if (usd > Math.max(leastUsd, tolerance * usdBefore)) yield say(`${what}: ${service}`, usdBefore, usd);
  }
}

function dollars(usd: number): string {
  return `$${usd.toFixed(usd < 1 ? 3 : 2)}`;
}

/** The reference as it would be measured now: each count grows as that of the small workload has. */
function project(reference: Measurement, then: Measurement, now: Measurement): Measurement {
  const scale = reference.leads / then.leads;
  const grown = (whole: number, before: number, after: number) =>
    before === 0 ? after * scale : (whole * after) / before;
  const record = (whole: Readonly<Record<string, number>>, before: typeof whole, after: typeof whole) =>
    Object.fromEntries(
      [...new Set([...Object.keys(whole), ...Object.keys(after)])].map((key) => [
        key,
        grown(whole[key] ?? 0, before[key] ?? 0, after[key] ?? 0),
      ]),
    );
  const phase = (whole: Phase, before: Phase, after: Phase): Phase => ({
    ...whole,
    invocations: record(whole.invocations, before.invocations, after.invocations),
    calls: record(whole.calls, before.calls, after.calls),
    messageBytes: grown(whole.messageBytes, before.messageBytes, after.messageBytes),
    logBytes: grown(whole.logBytes, before.logBytes, after.logBytes),
    metrics: after.metrics,
    events: grown(whole.events, before.events, after.events),
    apiRequests: grown(whole.apiRequests, before.apiRequests, after.apiRequests),
    stored: {
      raw: grown(whole.stored.raw, before.stored.raw, after.stored.raw),
      runs: grown(whole.stored.runs, before.stored.runs, after.stored.runs),
      lake: grown(whole.stored.lake, before.stored.lake, after.stored.lake),
    },
    largestTable: {
      bytes: grown(whole.largestTable.bytes, before.largestTable.bytes, after.largestTable.bytes),
      files: grown(whole.largestTable.files, before.largestTable.files, after.largestTable.files),
    },
  });
  const [r, t, n] = [reference.phases, then.phases, now.phases];
  return {
    leads: reference.leads,
    phases: {
      firstLoad: phase(r.firstLoad, t.firstLoad, n.firstLoad),
      night: phase(r.night, t.night, n.night),
      webhook: phase(r.webhook, t.webhook, n.webhook),
      export: phase(r.export, t.export, n.export),
      reconciliation: phase(r.reconciliation, t.reconciliation, n.reconciliation),
    },
  };
}
