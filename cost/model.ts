/** The monthly cost of a workspace: how often each kind of work happens, times what it uses, times the price. */

import { z } from 'zod';
import { prospectLakeApp } from '../lib/app.ts';
import { timesOf } from '../lib/config/cron.ts';
import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import { watchCron } from '../lib/constructs/watcher.ts';
import { functions } from '../lib/functions.ts';
import type { Counts, PhaseName } from './measure.ts';
import type { PriceId, Prices } from './prices.ts';
import { countsFor, type Reference } from './reference.ts';

/** The assumed workload, apart from the number of leads. */
export const workload = {
  /** Webhook events per day. They are spread over the working hours. */
  webhooksPerDay: 200,
  workingHoursPerDay: 12,
  /** Age of the tables in months: their history grows each night. */
  monthsOfHistory: 12,
  queriesPerDay: 20,
} as const;

/** The next constants are known facts about the services, not measurements. */
const daysPerMonth = 365 / 12;
/**
 * Lambda's concurrent pollers of a queue with and without a maximum concurrency. A receive takes up to 20 seconds, and
 * is billed even if no message arrives.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const pollersPerQueue = { bounded: 5, unbounded: 2 };
const receivesPerMonth = (daysPerMonth * 86_400) / 20;
/** Memory size at which Lambda gives a function one full processor. Measured processes have one full processor too. */
const oneProcessorMiB = 1_769;
/** Bytes of the log lines that Lambda itself writes per invocation: start and report. */
const platformLogBytes = 900;
/** Bytes that Athena bills per query at least. */
const leastScannedBytes = 10_000_000;
const gib = 1024 ** 3;

export interface Usage {
  readonly price: PriceId;
  readonly quantity: number;
  /** What the usage is for. */
  readonly cause: 'nights' | 'webhooks' | 'exports' | 'tables' | 'queries' | 'always' | 'first load';
}

export function monthOf(config: WorkspaceConfig, leads: number, reference: Reference): Usage[] {
  const of = (phase: PhaseName) => countsFor(reference, phase, leads);
  const use = (counts: Counts, times: number, cause: Usage['cause']) =>
    phaseUsage(counts, reference.large.seconds, config).map(({ price, quantity }) => ({
      price,
      quantity: quantity * times,
      cause,
    }));
  const { webhooks, exports, schedule, retention } = config;
  const nights = timesPerMonth(schedule.cron);
  const events = webhooks.enabled ? workload.webhooksPerDay * daysPerMonth : 0;
  const refreshes = events / eventsPerWindow(webhooks.windowSeconds);
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
  const load = countsFor(reference, 'firstLoad', leads);
  const months = config.retention.rawDays / daysPerMonth;
  return [
    ...phaseUsage(load, reference.large.seconds, config).map((usage) => ({ ...usage, cause: 'first load' as const })),
    { price: 's3.storage', quantity: (load.rawBytes / gib) * months, cause: 'first load' },
  ];
}

/**
 * Average number of events in a window. A window opens with its first event; events come at random over the working
 * hours.
 */
function eventsPerWindow(windowSeconds: number): number {
  return 1 + (workload.webhooksPerDay / (workload.workingHoursPerDay * 3_600)) * windowSeconds;
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
    { price: 'events.custom', quantity: counts.events },
    { price: 'logs.ingested', quantity: (counts.logBytes + invoked * platformLogBytes) / gib },
  ];
}

const template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
});
const boundedMapping = z.object({ ScalingConfig: z.object({}) });
const mathAlarm = z.object({ Metrics: z.array(z.object({ MetricStat: z.unknown() })) });

/** Usage of an idle deployment, counted in the templates, so that a new alarm is included automatically. */
function fixedUsage(config: WorkspaceConfig): Usage[] {
  const resources = prospectLakeApp([config], { bundled: false })
    .synth()
    .stacksRecursively.flatMap((stack) => Object.values(template.parse(stack.template).Resources));
  const count = (type: string) => resources.filter(({ Type }) => Type === type).length;
  const alarms = resources.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  // An alarm on an expression is billed per metric in it.
  const metrics = alarms.map(
    ({ Properties }) =>
      mathAlarm.safeParse(Properties).data?.Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1,
  );
  const mappings = resources.filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping');
  const bounded = mappings.filter(({ Properties }) => boundedMapping.safeParse(Properties).success).length;
  const pollers = bounded * pollersPerQueue.bounded + (mappings.length - bounded) * pollersPerQueue.unbounded;
  const used: readonly [PriceId, number][] = [
    ['cloudwatch.alarms', metrics.reduce((sum, one) => sum + one, 0)],
    ['cloudwatch.dashboards', count('AWS::CloudWatch::Dashboard')],
    ['secrets.stored', count('AWS::SecretsManager::Secret')],
    ['kms.keys', count('AWS::KMS::Key')],
    ['sqs.requests', pollers * receivesPerMonth],
  ];
  return [...used, ...watcherUsage()].map(([price, quantity]) => ({ price, quantity, cause: 'always' }));
}

/** Usage of one check by the watcher: it reads the queues, its state, and the rows about the runs of a day or two. */
const watcherCheck = { seconds: 0.3, sqs: 11, s3Reads: 1, s3Writes: 2 };

function watcherUsage(): [PriceId, number][] {
  const checks = timesPerMonth(watchCron);
  return [
    ['lambda.requests', checks],
    ['lambda.gbSeconds', (checks * watcherCheck.seconds * functions.watch.memorySize) / 1_024],
    ['scheduler.invocations', checks],
    ['sqs.requests', checks * watcherCheck.sqs],
    ['s3.reads', checks * watcherCheck.s3Reads],
    ['s3.writes', checks * watcherCheck.s3Writes],
  ];
}

/** How often a schedule fires in an average month. */
function timesPerMonth(cron: string): number {
  const { minutes, isDay } = timesOf(cron);
  const days = Array.from({ length: 365 }, (_, day) => new Date(Date.UTC(2027, 0, 1 + day)));
  return (days.filter(isDay).length * minutes.length) / 12;
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
