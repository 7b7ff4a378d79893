import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import type { Usage } from './bill.ts';
import { timesPerMonth } from './cron-frequency.ts';
import { type FixedResources, fixedUsage } from './fixed-usage.ts';
import type { Durations, Measurement, Phase, PhaseName } from './measurement.ts';
import { phaseUsage, secondsOf, type Settings } from './phase-usage.ts';
import { assumptions, daysPerMonth, hoursPerMonth, workload } from './workload.ts';

export interface Deployment {
  readonly measurement: Measurement;
  readonly durations: Durations;
  readonly config: WorkspaceConfig;
  readonly settings: Settings;
  readonly fixed: FixedResources;
}

const gib = 1024 ** 3;
const tib = 1024 ** 4;

/** How often each thing happens in a month. */
export function happenings({ webhooks, exports, schedule }: WorkspaceConfig): Record<PhaseName, number> {
  const perDay = (workload.workingHoursPerDay * 3_600) / webhooks.windowSeconds;
  return {
    firstLoad: 0,
    night: timesPerMonth(schedule.cron),
    // Events that come within one window are refreshed together.
    webhook: webhooks.enabled ? Math.min(workload.webhooksPerDay, perDay) * daysPerMonth : 0,
    export: exports.cron === 'off' ? 0 : timesPerMonth(exports.cron),
    reconciliation: webhooks.enabled ? daysPerMonth : 0,
  };
}

/** Everything that a month costs once the tables are as old as the workload says. */
export function monthlyUsage(deployment: Deployment): Usage[] {
  const { measurement, config, fixed } = deployment;
  const { phases } = measurement;
  const times = happenings(config);
  const webhooks = config.webhooks.enabled ? workload.webhooksPerDay * daysPerMonth : 0;
  return [
    ...fixedUsage(fixed),
    ...phase(deployment, 'night', times.night, 'nights'),
    ...phase(deployment, 'webhook', times.webhook, 'webhooks'),
    ...phase(deployment, 'export', times.export, 'exports'),
    ...phase(
      { ...deployment, measurement: reconciled(measurement) },
      'reconciliation',
      times.reconciliation,
      'webhooks',
    ),
    { price: 'apigateway.requests', quantity: webhooks, cause: 'webhooks' },
    { price: 'logs.ingested', quantity: (webhooks * assumptions.accessLogBytes) / gib, cause: 'webhooks' },
    { price: 'scheduler.invocations', quantity: times.night + times.export + times.reconciliation, cause: 'nights' },
    ...metricHours(deployment, times),
    ...logStorage(deployment, times),
    ...storage(phases, times, config),
    ...queries(phases),
  ];
}

/** What the first load costs, once; its raw data is kept for as long as any. */
export function firstLoadUsage(deployment: Deployment): Usage[] {
  const { stored } = deployment.measurement.phases.firstLoad;
  const months = deployment.config.retention.rawDays / daysPerMonth;
  return [
    ...phase(deployment, 'firstLoad', 1, 'first load'),
    { price: 's3.storage', quantity: (stored.raw / gib) * months, cause: 'first load' },
  ];
}

/** Rows that a month brings. */
export function monthlyRows({ measurement: { phases }, config }: Deployment): number {
  const times = happenings(config);
  return (['night', 'webhook', 'export'] as const).reduce(
    (sum, name) => sum + (phases[name].rows / phases[name].repeats) * times[name],
    0,
  );
}

function phase(deployment: Deployment, name: PhaseName, times: number, cause: string): Usage[] {
  const { measurement, durations, settings } = deployment;
  return phaseUsage(measurement.phases[name], { times, cause, seconds: durations[name] ?? {}, settings });
}

/** It reads the webhooks of three days; measured were the few of the phase before it. */
function reconciled(measurement: Measurement): Measurement {
  const { reconciliation, webhook } = measurement.phases;
  const more = (3 * workload.webhooksPerDay) / webhook.repeats;
  const calls = Object.fromEntries(
    Object.entries(reconciliation.calls).map(([call, count]) => [call, call.includes('s3:Get') ? count * more : count]),
  );
  return { ...measurement, phases: { ...measurement.phases, reconciliation: { ...reconciliation, calls } } };
}

/** A metric is billed by the hours in which it is written. */
function metricHours({ measurement: { phases }, settings }: Deployment, times: Record<PhaseName, number>): Usage[] {
  const hours = new Map<string, number>();
  for (const name of ['night', 'webhook', 'export', 'reconciliation'] as const) {
    const perTime = Math.max(1, Math.ceil(secondsOf(phases[name], settings) / 3_600));
    const most = name === 'webhook' ? workload.workingHoursPerDay * daysPerMonth : hoursPerMonth;
    for (const metric of phases[name].metrics) {
      hours.set(metric, (hours.get(metric) ?? 0) + Math.min(most, times[name] * perTime));
    }
  }
  const quantity = [...hours.values()].reduce((sum, one) => sum + Math.min(hoursPerMonth, one), 0);
  return [{ price: 'cloudwatch.metrics', quantity, cause: 'nights' }];
}

function logStorage({ measurement: { phases }, config }: Deployment, times: Record<PhaseName, number>): Usage[] {
  const monthly = sumOf(phases, times, ({ logBytes, invocations }) => {
    const invoked = Object.values(invocations).reduce((sum, count) => sum + count, 0);
    return logBytes + invoked * assumptions.platformLogBytes;
  });
  return [
    { price: 'logs.stored', quantity: ((monthly / gib) * config.retention.logDays) / daysPerMonth, cause: 'nights' },
  ];
}

/** Tables for as long as they were written; the rest for as long as it is kept. */
function storage(
  phases: Measurement['phases'],
  times: Record<PhaseName, number>,
  { retention }: WorkspaceConfig,
): Usage[] {
  const { rawDays, runDays, logDays } = retention;
  const calls = sumOf(phases, times, ({ calls: all }) =>
    Object.entries(all).reduce((sum, [call, count]) => sum + (call.includes(' s3:') ? count : 0), 0),
  );
  const bytes =
    phases.firstLoad.stored.lake +
    sumOf(phases, times, ({ stored }) => stored.lake) * workload.monthsOfHistory +
    sumOf(phases, times, ({ stored }) => stored.raw) * (rawDays / daysPerMonth) +
    sumOf(phases, times, ({ stored }) => stored.runs) * (runDays / daysPerMonth) +
    calls * assumptions.accessLogBytes * (logDays / daysPerMonth);
  return [{ price: 's3.storage', quantity: bytes / gib, cause: 'tables' }];
}

/** Each query reads the largest current table whole. Its size is that of the workspace, however long its history is. */
function queries({ firstLoad: { largestTable } }: Measurement['phases']): Usage[] {
  const asked = workload.athenaQueriesPerDay * daysPerMonth;
  const bytes = Math.max(assumptions.athenaLeastBytes, largestTable.bytes);
  const cause = 'queries';
  return [
    { price: 'athena.scanned', quantity: (asked * bytes) / tib, cause },
    { price: 's3.reads', quantity: asked * largestTable.files * assumptions.s3ReadsPerFile, cause },
    { price: 'glue.requests', quantity: asked * assumptions.glueRequestsPerQuery, cause },
  ];
}

function sumOf(phases: Measurement['phases'], times: Record<PhaseName, number>, of: (phase: Phase) => number): number {
  return (['night', 'webhook', 'export', 'reconciliation'] as const).reduce(
    (sum, name) => sum + (of(phases[name]) / phases[name].repeats) * times[name],
    0,
  );
}
