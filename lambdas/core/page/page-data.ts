/** What the script of the page draws. Types only: page/main.ts is built without the core. */

export type StatusLetter = 'c' | 'p' | 'f' | '-';

export interface PageData {
  /** When the last nightly run ended; null if there was none. */
  readonly nightEndedAt: string | null;
  readonly expectedHours: number;
  /** The last nights by day, oldest first. */
  readonly nights: readonly string[];
  /** Nights after which the rows are given, oldest first: each of the last three months, and one a week before. */
  readonly times: readonly string[];
  /** By table: its rows after each of these nights, and a letter for how each of the last nights ended for it. */
  readonly tables: Readonly<Record<string, { readonly rows: readonly (number | null)[]; readonly status: string }>>;
  readonly requests: readonly { readonly at: string; readonly perMinute: number; readonly status: StatusLetter }[];
  readonly budget: number;
  /** Seconds since the first request of the night. */
  readonly timeline: readonly {
    readonly stream: string;
    readonly from: number;
    readonly to: number;
    readonly status: StatusLetter;
  }[];
  readonly funnel: readonly { readonly stage: string; readonly leads: number }[];
  /** The first and the last week that are plotted, by their Mondays. */
  readonly weeks: readonly [first: string, last: string];
  readonly messages: readonly { readonly week: string; readonly category: string; readonly rows: number }[];
  readonly campaignRuns: PageData['messages'];
  /** Paths from the workspace through the tables, such as `workspace/leads/lead_messages`. */
  readonly joins: readonly string[];
}
