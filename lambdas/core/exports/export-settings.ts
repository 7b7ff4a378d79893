/** How export jobs are followed. */
export interface ExportSettings {
  /** Wait before the first look; doubles with each. */
  readonly firstPollSeconds: number;
  readonly slowestPollSeconds: number;
  /** An export that is not ready after this has failed. */
  readonly deadlineHours: number;
  /** Whether the customer has named the bucket that holds the vendor's files. */
  readonly hasSource: boolean;
  /** Share of the leads (0 to 1) that one export may show as deleted; more stops and asks. */
  readonly maxDeletedShare: number;
}

export function pollDelaySeconds(settings: ExportSettings, check: number): number {
  return Math.min(settings.slowestPollSeconds, settings.firstPollSeconds * 2 ** Math.min(check, 20));
}
