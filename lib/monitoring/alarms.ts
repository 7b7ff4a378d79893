/**
 * The CloudWatch alarms: for problems that only AWS can see, such as a function that crashes. The functions report
 * other problems as events (lambdas/contract/problems.ts). The watcher function finds the problems that no function can
 * report about itself. docs/runbook.md has a section for each alarm, under its name.
 */

/** What an alarm can watch. */
export type Watched = 'watcher' | 'functions' | 'webhookApi';

export interface AlarmRow {
  readonly name: string;
  readonly watches: Watched;
  readonly metric: string;
  /** The alarm is raised at or above `atLeast`, or below `below`. */
  readonly threshold: { readonly atLeast: number } | { readonly below: number };
  readonly periodMinutes: number;
  /** Number of consecutive periods that must breach the threshold. @default 1 */
  readonly periods?: number;
  /** How missing data is treated. @default 'notBreaching' */
  readonly missing?: 'breaching' | 'notBreaching';
  /** What the alarm means, in one sentence for the e-mail. */
  readonly means: string;
}

/**
 * Metric of crashes of all functions, counted by a filter on each function's log. Lambda's own metric exists per
 * function, so each function would need an alarm.
 */
export const crashMetric = 'FunctionCrashed';

export const alarms: readonly AlarmRow[] = [
  {
    name: 'WatcherSilent',
    watches: 'watcher',
    metric: 'Invocations',
    threshold: { below: 1 },
    periodMinutes: 5,
    // The watcher runs every ten minutes, so every second period is empty.
    periods: 3,
    missing: 'breaching',
    means: 'The watcher does not run, so nobody would be told if a nightly run is missing or work is waiting.',
  },
  {
    name: 'FunctionErrors',
    watches: 'functions',
    metric: crashMetric,
    threshold: { atLeast: 1 },
    periodMinutes: 5,
    means: 'An invocation of a function crashed, ran out of memory or out of time.',
  },
  {
    name: 'WebhookClientErrors',
    watches: 'webhookApi',
    metric: '4xx',
    threshold: { atLeast: 10 },
    periodMinutes: 60,
    means: 'Requests to the webhook address are refused (4xx).',
  },
  {
    name: 'WebhookServerErrors',
    watches: 'webhookApi',
    metric: '5xx',
    threshold: { atLeast: 1 },
    periodMinutes: 5,
    means: 'The webhook address failed to take a delivery (5xx).',
  },
];
