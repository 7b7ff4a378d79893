/**
 * Metrics that the functions write, in the namespace of the project, under the dimensions `service` and
 * `workspace`: the names stand here for those that count and for the alarms that watch.
 */
export const metricNames = {
  /** Runs of any kind that ended so. */
  runComplete: 'RunComplete',
  runPartial: 'RunPartial',
  runFailed: 'RunFailed',
  /** Nightly runs that ended, however. */
  nightlyRunEnded: 'NightlyRunEnded',
  /** Hours since the start of the last nightly run that had the stalest table whole. Once a nightly run. */
  stalestTableHours: 'StalestTableHours',
  /** Rows of a run that were set aside, and rows of a night that only a rereading found. */
  rowsRejected: 'RowsRejected',
  rowsHealed: 'RowsHealed',
  /** Requests of one task of extract, retries included. */
  apiRequests: 'ApiRequests',
  /** Answers of the API, each one, also where the request is made again. */
  apiUnauthorized: 'ApiUnauthorized',
  apiForbidden: 'ApiForbidden',
  apiRateLimited: 'ApiRateLimited',
  /** Webhook deliveries: those asked for again, and those that did not come in time. */
  deliveriesRetried: 'DeliveriesRetried',
  eventsNeverReceived: 'EventsNeverReceived',
  /** Exports that failed at the vendor or were not ready in time, and those by which nothing was deleted although leads are missing. */
  exportFailed: 'ExportFailed',
  deletionStopped: 'DeletionStopped',
} as const;

/** Names of the dimensions of each metric; the value of `service` is the name of the service. */
export const metricDimensions = { service: 'service', workspace: 'workspace' } as const;

/** Which metric counts an answer of the API that was refused; undefined for every other status. */
export function refusalMetric(status: number): string | undefined {
  const metrics: Readonly<Record<number, string>> = {
    401: metricNames.apiUnauthorized,
    403: metricNames.apiForbidden,
    429: metricNames.apiRateLimited,
  };
  return metrics[status];
}
