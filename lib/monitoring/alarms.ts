import { metricsNamespace } from '../../lambdas/contract/environment.ts';
import { metricNames } from '../../lambdas/contract/metrics.ts';

/** What there can be an alarm on: one of each of these, or each of several. */
export type Watched =
  | 'workspace'
  | 'webhooks'
  | 'webhookApi'
  | 'extractQueue'
  | 'shortQueue'
  | 'deadLetterQueue'
  /** A function whose crash no other alarm tells as early. */
  | 'function'
  /** One whose time may not be enough one day. */
  | 'growingFunction'
  /** All functions of the account in this region, those of others too. */
  | 'region';

/** What a threshold may depend on. */
export interface AlarmLimits {
  readonly runExpectedHours: number;
  /** Of the function that is watched; 0 where it is none. */
  readonly timeoutMilliseconds: number;
}

export interface AlarmRow {
  /** Heading of its section in docs/runbook.md. */
  readonly name: string;
  readonly watches: Watched;
  readonly namespace: string;
  readonly metric: string;
  readonly statistic: 'Sum' | 'Maximum';
  /** It is raised at or above `atLeast`, or below `below`. */
  readonly threshold: { readonly atLeast: (limits: AlarmLimits) => number } | { readonly below: number };
  readonly periodMinutes: number;
  /** Periods in a row that have to be so. @default 1 */
  readonly periods?: (limits: AlarmLimits) => number;
  /** What no data means. `ignore` keeps the state: for what is counted once a day. @default 'notBreaching' */
  readonly missing?: 'breaching' | 'notBreaching' | 'ignore';
  /** One sentence, for the mail. */
  readonly means: string;
}

const hourSeconds = 3_600;
const own = { namespace: metricsNamespace, statistic: 'Sum', periodMinutes: 60 } as const;
const sqs = { namespace: 'AWS/SQS', statistic: 'Maximum', periodMinutes: 15 } as const;
const lambda = { namespace: 'AWS/Lambda', periodMinutes: 15 } as const;
const http = { namespace: 'AWS/ApiGateway', statistic: 'Sum' } as const;
const atLeast = (count: number) => ({ atLeast: () => count });

/** Every alarm. What to do about each: docs/runbook.md. */
export const alarms: readonly AlarmRow[] = [
  {
    ...own,
    name: 'RunMissing',
    watches: 'workspace',
    metric: metricNames.nightlyRunEnded,
    threshold: { below: 1 },
    periods: ({ runExpectedHours }) => runExpectedHours,
    missing: 'breaching',
    means: 'No nightly run has ended for as long as the configuration allows (runExpectedHours).',
  },
  {
    ...own,
    name: 'RunFailed',
    watches: 'workspace',
    metric: metricNames.runFailed,
    threshold: atLeast(1),
    means: 'A run ended without a single complete table.',
  },
  {
    ...own,
    name: 'RunPartial',
    watches: 'workspace',
    metric: metricNames.runPartial,
    threshold: atLeast(1),
    means: 'A run ended with some tables incomplete.',
  },
  {
    ...own,
    name: 'TableStale',
    watches: 'workspace',
    metric: metricNames.stalestTableHours,
    statistic: 'Maximum',
    // One night that failed is RunPartial; this is the second in a row.
    threshold: { atLeast: ({ runExpectedHours }) => 2 * runExpectedHours },
    missing: 'ignore',
    means: 'At least one table has not been read whole for two nights or more.',
  },
  {
    ...own,
    name: 'ApiUnauthorized',
    watches: 'workspace',
    metric: metricNames.apiUnauthorized,
    periodMinutes: 15,
    threshold: atLeast(1),
    means: 'The API refused the key (401).',
  },
  {
    ...own,
    name: 'ApiForbidden',
    watches: 'workspace',
    metric: metricNames.apiForbidden,
    threshold: atLeast(1),
    means: 'The API key lacks a scope (403).',
  },
  {
    ...own,
    name: 'ApiRateLimited',
    watches: 'workspace',
    metric: metricNames.apiRateLimited,
    // Some are part of life: they are waited out.
    threshold: atLeast(30),
    means: 'The API keeps saying that the key is over its limit (429).',
  },
  {
    ...sqs,
    name: 'ExtractBacklog',
    watches: 'extractQueue',
    metric: 'ApproximateAgeOfOldestMessage',
    threshold: atLeast(12 * hourSeconds),
    means: 'A task has waited for the API for twelve hours.',
  },
  {
    ...sqs,
    name: 'QueueBacklog',
    watches: 'shortQueue',
    metric: 'ApproximateAgeOfOldestMessage',
    threshold: atLeast(hourSeconds),
    means: 'A message has waited for an hour in a queue that is worked off in minutes.',
  },
  {
    ...sqs,
    name: 'DeadLetters',
    watches: 'deadLetterQueue',
    metric: 'ApproximateNumberOfMessagesVisible',
    periodMinutes: 5,
    threshold: atLeast(1),
    means: 'Work was given up, and its message waits for a person.',
  },
  {
    ...lambda,
    name: 'FunctionErrors',
    watches: 'function',
    metric: 'Errors',
    statistic: 'Sum',
    threshold: atLeast(1),
    means: 'An invocation of the function crashed, ran out of memory or out of time.',
  },
  {
    ...lambda,
    name: 'FunctionThrottles',
    // The concurrency is the account's, so that one alarm says what one for each function would. The metric
    // without a dimension: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
    watches: 'region',
    metric: 'Throttles',
    statistic: 'Sum',
    threshold: atLeast(5),
    means: 'Lambda refused invocations of some function of the account: it has no concurrency left.',
  },
  {
    ...lambda,
    name: 'FunctionDuration',
    watches: 'growingFunction',
    metric: 'Duration',
    statistic: 'Maximum',
    // Loading an export stops by itself when a minute of its 15 is left, so less than that would be raised by each large one.
    threshold: { atLeast: ({ timeoutMilliseconds }) => 0.95 * timeoutMilliseconds },
    means: 'An invocation took over 95 % of the time that the function has.',
  },
  {
    ...http,
    name: 'WebhookClientErrors',
    watches: 'webhookApi',
    metric: '4xx',
    periodMinutes: 60,
    threshold: atLeast(10),
    means: 'Requests to the webhook address are refused (4xx).',
  },
  {
    ...http,
    name: 'WebhookServerErrors',
    watches: 'webhookApi',
    metric: '5xx',
    periodMinutes: 15,
    threshold: atLeast(1),
    means: 'The webhook address failed to take a delivery (5xx).',
  },
  {
    ...own,
    name: 'EventsNeverReceived',
    watches: 'webhooks',
    metric: metricNames.eventsNeverReceived,
    threshold: atLeast(1),
    missing: 'ignore',
    means: 'The vendor lists deliveries of the last three days that never came.',
  },
  {
    ...own,
    name: 'ExportFailed',
    watches: 'workspace',
    metric: metricNames.exportFailed,
    threshold: atLeast(1),
    means: 'An export failed at the vendor, or was not ready in time.',
  },
  {
    ...own,
    name: 'DeletionStopped',
    watches: 'workspace',
    metric: metricNames.deletionStopped,
    threshold: atLeast(1),
    means: 'An export lacks more leads than pass unasked, or was not loaded whole: nothing was deleted.',
  },
];
