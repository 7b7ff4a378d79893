/** How a run read a table. `held`: what it read is current, but it deleted nothing. `unsure`: it may lack rows. */
export type Reading = 'complete' | 'held' | 'unsure';

/** A nightly run that has finished all its work, confirmations of deletions included. */
export interface Night {
  readonly startedAt: number;
  readonly endedAt: number;
  /** How the night read each table. It did not read tables that are not listed. */
  readonly tables: ReadonlyMap<string, Reading>;
  /** By child table: how many parents had children that could not be read, according to the report. */
  readonly failedParents: ReadonlyMap<string, number>;
  /** Whether the deletions were confirmed without an error. */
  readonly isConfirmed: boolean;
  /**
   * Tables whose list could not be read a second time, according to the report. Rows of these tables may be missing.
   */
  readonly onceOnly: ReadonlySet<string>;
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
  /** Names of the tables that the pipeline reads, parents included. */
  readonly tables: readonly string[];
  readonly lookbackHours: number;
  readonly rereadDays: number;
  readonly childRereadDays: number;
  readonly settledDays: number;
  readonly confirmAfterSeconds: number;
}
