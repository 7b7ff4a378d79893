/**
 * Every alarm: what only AWS itself can see. What the functions can tell is told by them, as an event
 * (lambdas/contract/problems.ts); what no function can tell of itself the watcher finds. What to do about each stands
 * in docs/runbook.md, under its name.
 */

/** What there can be an alarm on. */
export type Watched = 'watcher' | 'functions' | 'webhookApi';

export interface AlarmRow {
  readonly name: string;
  readonly watches: Watched;
  readonly metric: string;
  /** It is raised at or above `atLeast`, or below `below`. */
  readonly threshold: { readonly atLeast: number } | { readonly below: number };
  readonly periodMinutes: number;
  /** Periods in a row that have to be so. @default 1 */
  readonly periods?: number;
  /** What no data means. @default 'notBreaching' */
  readonly missing?: 'breaching' | 'notBreaching';
  /** One sentence, for the mail. */
  readonly means: string;
}

/** Counted by a filter of each function's log: Lambda's own metric is one for each function, and so would be the alarms. */
export const crashMetric = 'FunctionCrashed';

export const alarms: readonly AlarmRow[] = [
  {
    name: 'WatcherSilent',
    watches: 'watcher',
    metric: 'Invocations',
    threshold: { below: 1 },
    periodMinutes: 5,
    // The watcher looks every ten minutes: one period in two is empty.
    periods: 3,
    missing: 'breaching',
    means: 'The watcher does not run: nobody would be told of a missing night or of work that waits.',
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
