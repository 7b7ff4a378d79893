/** How a run read a table. `held`: its rows are current, but it deleted none. `unsure`: some rows may be missing. */
export type Reading = 'complete' | 'held' | 'unsure';

/** A nightly run that has finished all its work, confirmations of deletions included. */
export interface Night {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Tables that are not listed were not read. */
  readonly tables: ReadonlyMap<string, Reading>;
  /** Whether the deletions were confirmed without trouble. */
  readonly isConfirmed: boolean;
}

/** A read of one lead, caused by an event. */
export interface Refresh {
  readonly lead: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly tables: ReadonlyMap<string, Reading>;
}

/** Settings of the pipeline, and the tables that are switched on. */
export interface Rules {
  /** Tables that are read, parents included. */
  readonly tables: readonly string[];
  readonly lookbackHours: number;
  readonly rereadDays: number;
  readonly childRereadDays: number;
  readonly settledDays: number;
  readonly confirmAfterSeconds: number;
}
