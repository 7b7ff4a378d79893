import type { CountedTable } from '../../contract/counted-table.ts';
import type { Stream, Table } from '../../contract/stream.ts';

/** What the page says about the workspace and its tables that does not depend on any run. */
export interface PageContext {
  readonly workspace: string;
  /** Flags with which commands find the folder of a local run; empty for a deployed workspace. */
  readonly localFlags: string;
  readonly streams: readonly Stream[];
  /** Tables of the pipeline itself. */
  readonly ownTables: readonly Table[];
  readonly counted: {
    readonly leads: CountedTable;
    readonly messages: CountedTable;
    readonly campaignRuns: CountedTable;
  };
  readonly requestsPerMinute: number;
  /** A nightly run counts as missing if none has ended for this many hours. */
  readonly expectedHours: number;
  /** What happened to a folder since its last run, which no run tells: a key was refused, or a run was interrupted. */
  readonly notice?: { readonly headline: string; readonly text: string } | undefined;
}
