import type { Stream } from '../../lambdas/contract/stream.ts';
import type { TableSnapshot } from './read-lake.ts';

/**
 * Limits the audit to rows of tables without a parent that last changed in [from, to), and to their children. The
 * bounds are milliseconds since 1970.
 */
export interface Bounds {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/**
 * How a row of the current table differs from the API's:
 * - `missing`: the table lacks the row
 * - `different`: the API returns the row with other content
 * - `deleted`: the API no longer has the row
 */
export type DifferenceKind = 'missing' | 'different' | 'deleted';

export interface Difference {
  readonly kind: DifferenceKind;
  /** The key's values as text. */
  readonly key: readonly string[];
  /** Of a `different` row, the columns that differ, among those that can be compared. */
  readonly columns?: readonly string[];
}

export interface TableAudit {
  readonly table: string;
  /** Why the comparison is incomplete; null if it is complete. */
  readonly error: string | null;
  readonly lakeRows: number;
  /** Rows that the API returned, without those of forgotten persons. */
  readonly apiRows: number;
  /** Rows of forgotten persons that the API returned. They were not compared. */
  readonly forgotten: number;
  /** Number of parents whose rows were compared, and of all parents; null for a table without a parent. */
  readonly parents: { readonly compared: number; readonly all: number } | null;
  /** Number of rows that the list of the API leaves out, although the API gives them by id. */
  readonly unlisted: number;
  /** Rows that runs deleted on approval although the API gives them by id. They are among the `missing` rows. */
  readonly deletedOnApproval: { readonly rows: number; readonly runs: readonly string[] };
  /** Number of rows that changed after the table's last update. The next run reads them. */
  readonly notYetLoaded: number;
  readonly differences: readonly Difference[];
}

/** The rows of a table with children, as the API returned them. The children are requested by the ids of these rows. */
export interface Parents {
  /** When each row last changed, by id. */
  readonly listed: ReadonlyMap<string, number | null>;
  /** Ids of rows that the API was asked for one by one and does not know. */
  readonly notFound: ReadonlySet<string>;
  /** True if `listed` contains all rows that a complete reading gives. */
  readonly isWhole: boolean;
  /** Number of rows without a usable key, whose children cannot be requested. */
  readonly unusable: number;
}

export interface TableWork {
  readonly stream: Stream;
  readonly lake: TableSnapshot;
  readonly bounds: Bounds;
  /** Start of the newest nightly run that read the table; undefined if none has. */
  readonly watermark: number | undefined;
  /** Rows of the parent table that the API returned. Undefined for a stream without a parent. */
  readonly parents: Parents | undefined;
  /** Chooses the parents whose children are compared. */
  readonly sampleOf: (parents: readonly string[]) => readonly string[];
}
