/** Settings for polling export jobs and for using their files. */
export interface ExportSettings {
  /** Wait before the first poll. Doubles with each poll. */
  readonly firstPollSeconds: number;
  readonly slowestPollSeconds: number;
  /** An export counts as failed if it is not ready this long after its start. */
  readonly deadlineHours: number;
  /** Whether the configuration names the bucket that holds the vendor's files. */
  readonly hasSource: boolean;
  /** Share of the leads (0 to 1) that one export may show as deleted. A larger share needs a person's approval. */
  readonly maxDeletedShare: number;
}

export function pollDelaySeconds(settings: ExportSettings, check: number): number {
  return Math.min(settings.slowestPollSeconds, settings.firstPollSeconds * 2 ** Math.min(check, 20));
}
