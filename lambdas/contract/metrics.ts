/**
 * Metrics that the functions write, in the project's namespace and under the dimensions `service` and `workspace`. The
 * functions and the alarms share these names.
 */
export const metricNames = {
  /** Runs by how they ended. Runs that are not nightly count only if they are not complete. */
  runComplete: 'RunComplete',
  runPartial: 'RunPartial',
  runFailed: 'RunFailed',
  /** Nightly runs that ended, whatever their status. */
  nightlyRunEnded: 'NightlyRunEnded',
  /**
   * Age of the stalest table: hours since the start of the last nightly run that read it completely. Written once per
   * nightly run.
   */
  stalestTableHours: 'StalestTableHours',
  /** Rows that a run rejected; and changed rows that a nightly run found only because it read everything again. */
  rowsRejected: 'RowsRejected',
  rowsHealed: 'RowsHealed',
  /** Requests of one extract task, including retries. Those of refreshes are not counted. */
  apiRequests: 'ApiRequests',
  /** Refusals by the API. Each one counts, even if the request is retried. */
  apiUnauthorized: 'ApiUnauthorized',
  apiForbidden: 'ApiForbidden',
  apiRateLimited: 'ApiRateLimited',
  /** Webhook deliveries: those requested again, and those that did not arrive in time. */
  deliveriesRetried: 'DeliveriesRetried',
  eventsNeverReceived: 'EventsNeverReceived',
  /** Exports that failed at the vendor or were late, and exports that lack so many leads that nothing was deleted. */
  exportFailed: 'ExportFailed',
  deletionStopped: 'DeletionStopped',
} as const;

/** Dimension names of each metric. The value of `service` is the service's name. */
export const metricDimensions = { service: 'service', workspace: 'workspace' } as const;

/** The metric that counts answers with this HTTP status: only 401, 403 and 429 are counted. */
export function refusalMetric(status: number): string | undefined {
  const metrics: Readonly<Record<number, string>> = {
    401: metricNames.apiUnauthorized,
    403: metricNames.apiForbidden,
    429: metricNames.apiRateLimited,
  };
  return metrics[status];
}
