import { z } from 'zod';
import { held, mergeCounts } from './merge-state.ts';

/** What publish tells the merge about one table of a run, and what it learns. Times are ISO 8601. */

/** A converted chunk: a file of the history, whose rows are copies as the API gave them. */
export interface MergeChunk {
  /** Of the chunk and of what it was converted into. */
  readonly id: string;
  readonly taskId: string;
  /** Key of the Parquet file. */
  readonly key: string;
  readonly rows: number;
  /** Children that were read only because their turn had come: what they change is healed. */
  readonly reread?: boolean;
  /** Of a whole list that is otherwise read by changes: what it changes is healed, unless `updated_at` is at or after this. */
  readonly healsBefore?: string;
}

interface Scope {
  readonly taskId: string;
  /** When the first request was sent. */
  readonly askedAt: string;
}

/** What a task read to its end. The rows that it gave are those of the chunks with its `taskId`. */
export type ReadScope =
  /** A whole list without a filter, or a singleton. */
  | (Scope & { readonly kind: 'list' })
  /**
   * The children of `parents`. `missing` answered 404 or 410: their rows stay until the parents themselves are deleted.
   * Parents that failed are in neither.
   */
  | (Scope & { readonly kind: 'parents'; readonly parents: readonly string[]; readonly missing: readonly string[] })
  /** Single rows; `missing` answered 404 or 410. Only those are missing from the table's point of view. */
  | (Scope & { readonly kind: 'ids'; readonly missing: readonly string[] });

const deletedRow = z.object({
  id: z.string(),
  /** When the question was asked that confirmed it. */
  at: z.string(),
});
export type DeletedRow = z.infer<typeof deletedRow>;

export interface MergeInput {
  readonly runId: string;
  /** Start of the run. */
  readonly startedAt: string;
  /** A full refresh: what was asked for last is current, whatever its `updated_at` says. */
  readonly forced: boolean;
  /** A person has approved the deletions that a guard held. */
  readonly approved: boolean;
  readonly lookbackHours: number;
  readonly confirmAfterSeconds: number;
  /** Between 0 and 1. */
  readonly maxDeletedShare: number;
  /** Every chunk of the run that is converted so far; those that are merged are passed over. */
  readonly chunks: readonly MergeChunk[];
  /**
   * Every scope of the run that was read to its end, and of which all chunks are converted. One with a rejected
   * row is left out: that row would seem to be missing.
   */
  readonly scopes: readonly ReadScope[];
  /** `deleted` of the parent table in this run. */
  readonly deletedParents: readonly DeletedRow[];
}

/** A row that a question did not find and a second question has not confirmed yet. */
const suspectRow = z.object({
  /** Null if the table has no column `id`. */
  id: z.string().nullable(),
  parentId: z.string().nullable(),
  /** When the first question was asked. */
  since: z.string(),
  /** The run that asked it. */
  runId: z.string(),
});
export type SuspectRow = z.infer<typeof suspectRow>;

/** What came of a merge. Publish keeps it beside the run. */
export const mergeResult = z.object({
  /** False if time ran out: what is whole is committed. Call again with the same input. */
  done: z.boolean(),
  /** Rows in the table. */
  rows: z.number(),
  /** Of this run so far. */
  counts: mergeCounts,
  held: held.nullable(),
  /** Rows that this run has deleted so far: their children go with them. */
  deleted: z.array(deletedRow).readonly(),
  /** Every open one of the table. */
  suspects: z.array(suspectRow).readonly(),
});
export type MergeResult = z.infer<typeof mergeResult>;
