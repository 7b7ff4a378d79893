/** How a run read a table. `held`: what it gave is current, but nothing was deleted. `unsure`: some rows may be missing. */
export type Reading = 'complete' | 'held' | 'unsure';

/** What is known of a nightly run once nothing of it is left to do, the second questions for deletions included. */
export interface Night {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Tables that are not here were not read. */
  readonly tables: ReadonlyMap<string, Reading>;
  /** Whether the second questions were asked and answered without trouble. */
  readonly isConfirmed: boolean;
}

/** A lead that was read because an event named it. */
export interface Refresh {
  readonly lead: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly tables: ReadonlyMap<string, Reading>;
}

/** What the pipeline is set to, and what of it is switched on. */
export interface Rules {
  /** Tables that are read, parents included. */
  readonly tables: readonly string[];
  readonly lookbackHours: number;
  readonly rereadDays: number;
  readonly childRereadDays: number;
  readonly settledDays: number;
  readonly confirmAfterSeconds: number;
}
