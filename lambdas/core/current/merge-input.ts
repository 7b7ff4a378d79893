import { z } from 'zod';
import { held, mergeCounts } from './merge-state.ts';

/** What publish passes to the merge of one table of a run, and what it gets back. Times are ISO 8601. */

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
  /** The children were read only because a periodic reread was due: what they change is healed. */
  readonly reread?: boolean;
  /**
   * Set if a list that is otherwise read by changes was read completely: what it changes is healed, unless `updated_at`
   * is at or after this.
   */
  readonly healsBefore?: string;
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
  /** When the read was requested that confirmed the deletion. */
  at: z.string(),
});
export type DeletedRow = z.infer<typeof deletedRow>;

export interface MergeInput {
  readonly runId: string;
  /** Start of the run. */
  readonly startedAt: string;
  /** A full refresh: the copy that was requested last wins, whatever its `updated_at` says. */
  readonly forced: boolean;
  /** An operator approved the deletions that a guard held. */
  readonly approved: boolean;
  readonly lookbackHours: number;
  readonly confirmAfterSeconds: number;
  /** Between 0 and 1. */
  readonly maxDeletedShare: number;
  /** All chunks of the run that are converted so far. Those already merged are skipped. */
  readonly chunks: readonly MergeChunk[];
  /**
   * All scopes of the run that were read to their end and whose chunks are all converted. A scope with a rejected row
   * is left out: that row would seem to be missing.
   */
  readonly scopes: readonly ReadScope[];
  /** `deleted` of the parent table's result in this run. */
  readonly deletedParents: readonly DeletedRow[];
}

/** A row that a read did not return, and whose deletion no second read has confirmed yet. */
const suspectRow = z.object({
  /** Null if the table has no column `id`. */
  id: z.string().nullable(),
  parentId: z.string().nullable(),
  /** When the first read that did not return it was requested. */
  since: z.string(),
  /** The run that made that read. */
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
  /** All suspected rows of the table. */
  suspects: z.array(suspectRow).readonly(),
});
export type MergeResult = z.infer<typeof mergeResult>;
