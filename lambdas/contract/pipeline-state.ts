import { z } from 'zod';
import { personalChoice } from './personal-data.ts';
import { count, instant, runId, streamName } from './run.ts';
import { writtenColumns } from './written-columns.ts';

const columnNames = z.array(z.string());

/** Rows of a table that runs rejected. */
const rejection = z.object({
  /** The newest run that rejected some, and when it began. */
  runId,
  at: instant,
  /** When the first run began whose rejected rows were not all read again since. */
  since: instant,
  /** How many rows were rejected, by the run that rejected the largest share. */
  rows: count,
  /** How many rows that run read. */
  of: count,
  /** True if all rows were rejected in a night, so that its watermark stayed: the next night reads them again. */
  isRepeated: z.boolean(),
  /** Complete nights since, for a child table. */
  nights: count,
  /** When a run ended that settled it, and which one. Absent while it stands. */
  solvedAt: instant.optional(),
  solvedBy: runId.optional(),
});
export type Rejection = z.infer<typeof rejection>;

/** State that all runs share. It is changed under `If-Match`. */
export const pipelineState = z.object({
  /**
   * For each table: the newest nightly run that read all that it should of the table, and the time since which changes
   * still have to be read.
   */
  watermarks: z.record(streamName, z.object({ at: instant, runId })),
  /**
   * For each list that is normally read only for changes: the newest complete reading, and the number of complete
   * readings so far.
   */
  rereads: z.record(streamName, z.object({ at: instant, runId, count })),
  /** For each complete reading of a list that has begun but not ended: where it continues, when it started, and with which custom columns. */
  resumes: z.record(
    streamName,
    z.object({ cursor: z.string(), pages: count, startedAt: instant, customColumns: columnNames.optional() }),
  ),
  /**
   * For each table that a night does not read whole: the custom columns with which every row was read. Absent until a
   * table with custom columns was read completely.
   */
  customColumns: z.record(streamName, columnNames).optional(),
  /** For each child table: the other custom columns, and the start of the first night that read them. Absent if there are none. */
  fillingColumns: z.record(streamName, z.record(z.string(), instant)).optional(),
  /**
   * For each table: the deletions that a run held back. They stand until a complete reading of the table holds back
   * none, or an approval. For a child table, that is the children of every parent, in one
   * night or in `childRereadDays`: `nights` counts the complete nights since. Absent until a run has held some back.
   */
  held: z.record(streamName, z.object({ runId, at: instant, message: z.string(), nights: count })).optional(),
  /**
   * For each table of which a run rejected rows: what stands until every row was read again and none was rejected, or
   * what was settled so last. Absent until a run has rejected some.
   */
  rejected: z.record(streamName, rejection).optional(),
  /** Digest of the id of the vendor's workspace that the tables belong to; absent until a run has stored it. */
  workspace: z.string().optional(),
  /**
   * The entries of `personalData` that all rows and versions follow, as far as nights and `ops rehash` know. Absent until
   * a night has ended.
   */
  personalData: personalChoice.optional(),
  /** Absent until a night with custom columns has ended. */
  writtenColumns: writtenColumns.optional(),
  /** Streams of each run that has been planned but not yet published. */
  underWay: z.record(runId, z.object({ startedAt: instant, deadline: instant, streams: z.array(streamName) })),
});
export type PipelineState = z.infer<typeof pipelineState>;
