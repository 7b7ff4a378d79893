/** What publish passes to the merge of one table of a run, and what it gets back. Times are ISO 8601. */

import { z } from 'zod';
import { held, mergeCounts } from './merge-state.ts';

/** A converted chunk: a file of the history. Its rows are copies as the API returned them. */
export interface MergeChunk {
  /** Identifies the chunk and the file that it was converted into. */
  readonly id: string;
  readonly taskId: string;
  /** Key of the Parquet file. */
  readonly key: string;
  readonly rows: number;
  /** Size of the file. */
  readonly bytes: number;
  /** True if the children were read only because a reread was due. Changes found this way had been missed before. */
  readonly reread?: boolean | undefined;
  /**
   * Set if a list that is normally read only for changes was read completely. Changes found by such a reading had been
   * missed and count as healed, unless `updated_at` is at or after this time.
   */
  readonly healsBefore?: string | undefined;
}

interface Scope {
  readonly taskId: string;
  /** When the first request was sent. */
  readonly askedAt: string;
}

/** What a task read to its end. The returned rows are those of the chunks with its `taskId`. */
export type ReadScope =
  /** A complete list without a filter, or a singleton. */
  | (Scope & { readonly kind: 'list' })
  /**
   * The children of `parents`. The parents in `missing` answered 404 or 410: their rows stay until the parents
   * themselves are deleted. Parents that failed are in neither list.
   */
  | (Scope & { readonly kind: 'parents'; readonly parents: readonly string[]; readonly missing: readonly string[] })
  /** Single rows by id. Those in `missing` answered 404 or 410; no other row counts as missing. */
  | (Scope & { readonly kind: 'ids'; readonly missing: readonly string[] });

const deletedRow = z.object({
  id: z.string(),
  /** When the read that confirmed the deletion was requested. */
  at: z.string(),
});
export type DeletedRow = z.infer<typeof deletedRow>;

export interface MergeInput {
  readonly runId: string;
  /** Start of the run. */
  readonly startedAt: string;
  /** A full refresh: the copy that was requested last wins, whatever its `updated_at` says. */
  readonly forced: boolean;
  /** An operator approved the deletions that the guard against mass deletion held back. */
  readonly approved: boolean;
  readonly lookbackHours: number;
  readonly confirmAfterSeconds: number;
  /** Share of the table, 0 to 1, that may be missing before deletions need approval. */
  readonly maxDeletedShare: number;
  /** All chunks of the run that are converted so far. Those already merged are skipped. */
  readonly chunks: readonly MergeChunk[];
  /**
   * All scopes of the run that were read to their end and whose chunks are all converted. A scope with a rejected row
   * is left out: that row would seem to be missing.
   */
  readonly scopes: readonly ReadScope[];
  /** Rows of the parent table that this run has deleted: `deleted` of that table's result. */
  readonly deletedParents: readonly DeletedRow[];
}

/** A row that a read did not return, and whose deletion no second read has confirmed yet. */
const suspectRow = z.object({
  /** Id of the row; null if the table has no column `id`. */
  id: z.string().nullable(),
  parentId: z.string().nullable(),
  /** When the first read that did not return the row was requested. */
  since: z.string(),
  /** The run that made this first read. */
  runId: z.string(),
});
export type SuspectRow = z.infer<typeof suspectRow>;

/** The result of a merge. Publish stores it with the run. */
export const mergeResult = z.object({
  /** False if time ran out: what is complete is committed. Call again with the same input. */
  done: z.boolean(),
  /** Rows in the table. */
  rows: z.number(),
  /** Totals of this run so far. */
  counts: mergeCounts,
  held: held.nullable(),
  /** Rows that this run has deleted so far. Their children are deleted too. */
  deleted: z.array(deletedRow).readonly(),
  /** All rows of the table that are suspected to be deleted: a second read has to confirm it. */
  suspects: z.array(suspectRow).readonly(),
});
export type MergeResult = z.infer<typeof mergeResult>;
