/** The monthly cost of a workspace: how often each kind of work happens, times what it uses, times the price. */

import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import { functions } from '../lib/functions.ts';
import { daysPerMonth, fixedUsage, timesPerMonth, type Usage } from './fixed-usage.ts';
import type { Counts, PhaseName } from './measure.ts';
import type { PriceId, Prices } from './prices.ts';
import { countsFor, type Reference } from './reference.ts';

/** The workload, apart from the number of leads. */
export interface Workload {
  /** Webhook events per day. They are spread over the working hours. */
  readonly webhooksPerDay: number;
  readonly workingHoursPerDay: number;
  /** Age of the tables in months: their history grows each night. */
  readonly monthsOfHistory: number;
  readonly queriesPerDay: number;
}

/** The workload that is assumed unless another is given. */
export const usualWorkload: Workload = {
  webhooksPerDay: 200,
  workingHoursPerDay: 12,
  monthsOfHistory: 12,
  queriesPerDay: 20,
};

/** The next constants are known facts about the services, not measurements. */
/** Memory size at which Lambda gives a function one full processor. Measured processes have one full processor too. */
const oneProcessorMiB = 1_769;
/** Bytes of the log lines that Lambda itself writes per invocation: start and report. */
const platformLogBytes = 900;
/** Bytes that Athena bills per query at least. */
const leastScannedBytes = 10_000_000;
const gib = 1024 ** 3;

export function monthOf(
  config: WorkspaceConfig,
  leads: number,
  reference: Reference,
  workload: Workload = usualWorkload,
): Usage[] {
  const of = (phase: PhaseName) => countsFor(reference, phase, leads, config);
  const use = (counts: Counts, times: number, cause: Usage['cause']) =>
    phaseUsage(counts, reference.large.seconds, config).map(({ price, quantity }) => ({
      price,
      quantity: quantity * times,
      cause,
    }));
  const { webhooks, exports, schedule, retention } = config;
  const nights = timesPerMonth(schedule.cron);
  const events = webhooks.enabled ? workload.webhooksPerDay * daysPerMonth : 0;
  const refreshes = events / eventsPerWindow(webhooks.windowSeconds, workload);
  const runs = exports.cron === 'off' ? 0 : timesPerMonth(exports.cron);
  const [load, night, refresh] = [of('firstLoad'), of('night'), of('refresh')];
  const stored =
    load.historyBytes +
    load.currentBytes +
    (night.historyBytes * nights + refresh.historyBytes * refreshes) * workload.monthsOfHistory +
    // An object that no snapshot names any more is deleted a day later.
    (night.currentBytes * nights + refresh.currentBytes * refreshes) * ((retention.snapshotDays + 1) / daysPerMonth) +
    (night.rawBytes * nights + refresh.rawBytes * refreshes) * (retention.rawDays / daysPerMonth);
  return [
    ...fixedUsage(config),
    ...use(night, nights, 'nights'),
    ...use(refresh, refreshes, 'webhooks'),
    ...use(of('export'), runs, 'exports'),
    { price: 'apigateway.requests', quantity: events, cause: 'webhooks' },
    {
      price: 'scheduler.invocations',
      quantity: nights + runs + (webhooks.enabled ? daysPerMonth : 0),
      cause: 'nights',
    },
    // A metric is billed for the hours in which it is written.
    { price: 'cloudwatch.metrics', quantity: night.metrics * nights * hoursOf(night, config), cause: 'nights' },
    {
      price: 'cloudwatch.metrics',
      quantity: webhooks.enabled ? refresh.metrics * workload.workingHoursPerDay * daysPerMonth : 0,
      cause: 'webhooks',
    },
    { price: 's3.storage', quantity: stored / gib, cause: 'tables' },
    {
      price: 'athena.scanned',
      quantity:
        (workload.queriesPerDay * daysPerMonth * Math.max(leastScannedBytes, load.largestTableBytes)) / 1_024 ** 4,
      cause: 'queries',
    },
  ];
}

export function firstLoadOf(config: WorkspaceConfig, leads: number, reference: Reference): Usage[] {
  const load = countsFor(reference, 'firstLoad', leads, config);
  const months = config.retention.rawDays / daysPerMonth;
  return [
    ...phaseUsage(load, reference.large.seconds, config).map((usage) => ({ ...usage, cause: 'first load' as const })),
    { price: 's3.storage', quantity: (load.rawBytes / gib) * months, cause: 'first load' },
  ];
}

/** Hours that the requests of a first load or of a night take at the configured rate. */
export function requestHours(
  phase: 'firstLoad' | 'night',
  config: WorkspaceConfig,
  leads: number,
  reference: Reference,
): number {
  return countsFor(reference, phase, leads, config).apiRequests / config.requestsPerMinute / 60;
}

/**
 * Average number of events in a window. A window opens with its first event; events come at random over the working
 * hours.
 */
function eventsPerWindow(windowSeconds: number, { webhooksPerDay, workingHoursPerDay }: Workload): number {
  return 1 + (webhooksPerDay / (workingHoursPerDay * 3_600)) * windowSeconds;
}

/** Hours in which metrics are written: as many as the requests take at the API's rate limit, at least one. */
function hoursOf({ apiRequests }: Counts, { requestsPerMinute }: WorkspaceConfig): number {
  return Math.max(1, Math.ceil(apiRequests / requestsPerMinute / 60));
}

const priceOfCall: readonly [pattern: RegExp, price: PriceId][] = [
  [/^s3:(Put|List|Copy|Create|Upload|Complete)/, 's3.writes'],
  [/^s3:(Get|Head)/, 's3.reads'],
  [/^sqs:/, 'sqs.requests'],
  [/^secretsmanager:/, 'secrets.calls'],
  [/^glue:/, 'glue.requests'],
];

/**
 * Most requests to the workspace's own key: one for each call of SQS and Secrets Manager, and one for each 100 calls of
 * S3, whose bucket key saves the others.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
 */
function keyRequests({ calls }: Counts): number {
  return Object.entries(calls).reduce((sum, [call, count]) => {
    if (/^(sqs|secretsmanager):/.test(call)) return sum + count;
    return call.startsWith('s3:') ? sum + count / 100 : sum;
  }, 0);
}

/** Usage of one night, refresh, export or first load. @param seconds seconds per invocation, by function */
function phaseUsage(
  counts: Counts,
  seconds: Readonly<Record<string, number>>,
  config: WorkspaceConfig,
): Pick<Usage, 'price' | 'quantity'>[] {
  const invoked = Object.values(counts.invocations).reduce((sum, one) => sum + one, 0);
  // Extract also waits for the API. At the rate limit, its waits add up to this many seconds.
  const waiting = counts.apiRequests * (60 / config.requestsPerMinute);
  const gbSeconds = Object.entries(functions).reduce((sum, [name, { memorySize }]) => {
    const measured = (counts.invocations[name] ?? 0) * (seconds[name] ?? 0);
    const own = measured * Math.max(1, oneProcessorMiB / memorySize);
    return sum + ((name === 'extract' ? Math.max(own, waiting) : own) * memorySize) / 1_024;
  }, 0);
  const calls = priceOfCall.map(([pattern, price]) => {
    const matching = Object.entries(counts.calls).filter(([call]) => pattern.test(call));
    return { price, quantity: matching.reduce((sum, [, count]) => sum + count, 0) };
  });
  return [
    { price: 'lambda.requests', quantity: invoked },
    { price: 'lambda.gbSeconds', quantity: gbSeconds },
    ...calls,
    { price: 'kms.requests', quantity: config.kmsKeyArn === undefined ? 0 : keyRequests(counts) },
    { price: 'events.custom', quantity: counts.events },
    { price: 'logs.ingested', quantity: (counts.logBytes + invoked * platformLogBytes) / gib },
  ];
}

/** Cost in dollars, grouped by `of`, the largest first. */
export function dollarsBy(usages: readonly Usage[], prices: Prices, of: (usage: Usage) => string): [string, number][] {
  const sums = new Map<string, number>();
  for (const usage of usages) sums.set(of(usage), (sums.get(of(usage)) ?? 0) + dollarsOf(usage, prices));
  return [...sums].filter(([, usd]) => usd > 0).toSorted(([, a], [, b]) => b - a);
}

export function total(usages: readonly Usage[], prices: Prices): number {
  return usages.reduce((sum, usage) => sum + dollarsOf(usage, prices), 0);
}

/** Dollars that AWS's free tier saves in an account that uses none of these services for anything else. */
export function freeTier(usages: readonly Usage[], prices: Prices): number {
  return [...Map.groupBy(usages, ({ price }) => price)].reduce((sum, [price, all]) => {
    const quantity = all.reduce((so, one) => so + one.quantity, 0);
    return sum + dollarsOf({ price, quantity: Math.min(quantity, prices[price].free) }, prices);
  }, 0);
}

function dollarsOf({ price, quantity }: Pick<Usage, 'price' | 'quantity'>, prices: Prices): number {
  return (quantity / prices[price].per) * prices[price].usd;
}
