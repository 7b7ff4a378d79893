/** What the script of the page draws. Types only: page/main.ts is built without the core. */

export type StatusLetter = 'c' | 'p' | 'f' | '-';

export interface PageData {
  /** When the last nightly run ended; null if there was none. */
  readonly nightEndedAt: string | null;
  readonly expectedHours: number;
  /** Starts of the last nightly runs, oldest first. */
  readonly nights: readonly string[];
  /** Nights with row counts, oldest first: every night of the last three months, and one a week before that. */
  readonly times: readonly string[];
  /**
   * By table, in the order of the page: its row count after each night of `times`, and for each of `nights` a letter for
   * how it ended.
   */
  readonly tables: Readonly<Record<string, { readonly rows: readonly (number | null)[]; readonly status: string }>>;
  readonly requests: readonly { readonly at: string; readonly perMinute: number; readonly status: StatusLetter }[];
  readonly budget: number;
  /** When the last nightly run read each stream, in seconds since the run's first request. */
  readonly timeline: readonly {
    readonly stream: string;
    readonly from: number;
    readonly to: number;
    readonly status: StatusLetter;
  }[];
  /** Tables that the last nightly run could not begin to read, with words that say when they were last read whole. */
  readonly notRead: readonly { readonly stream: string; readonly status: StatusLetter; readonly lastRead: string }[];
  readonly funnel: readonly { readonly stage: string; readonly leads: number }[];
  /** The first and the last week that are plotted, by their Mondays. */
  readonly weeks: readonly [first: string, last: string];
  readonly messages: readonly { readonly week: string; readonly category: string; readonly rows: number }[];
  readonly campaignRuns: PageData['messages'];
  /** Paths from the workspace through the tables, such as `workspace/leads/lead_messages`. */
  readonly joins: readonly string[];
}
