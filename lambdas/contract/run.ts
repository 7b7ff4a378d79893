import { z } from 'zod';

/** What a run is made of: its plan, its tasks, and the receipts that they leave. All of it is JSON in S3. */

const instant = z.iso.datetime();
/** Ids of runs and tasks stand in object keys, so they are of few characters. */
export const runId = z
  .string()
  .regex(/^[a-z]+-[0-9TZ]+(-[a-z0-9]+)?$/)
  .max(80);
export const taskId = z
  .string()
  .regex(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/)
  .max(200);
const streamName = z
  .string()
  .regex(/^[a-z0-9_]+$/)
  .max(64);

/** Ids of API resources longer than this are not usable as keys. */
export const maxIdLength = 256;

/** A task of so many parents or ids is done in one or two messages. */
export const maxIdsPerTask = 500;
const ids = z.array(z.string().min(1).max(maxIdLength)).min(1).max(maxIdsPerTask);

/** Which rows of its stream a task reads. */
export const selection = z.discriminatedUnion('kind', [
  /** The one object of a singleton. */
  z.object({ kind: z.literal('single') }),
  z.object({
    kind: z.literal('list'),
    /** Bounds as the API's filters take them. Absent: the whole list. */
    window: z.object({ after: instant.optional(), before: instant.optional() }).optional(),
    /** Where a first load goes on that an earlier run had to leave at its deadline. */
    resume: z.object({ cursor: z.string(), pages: z.number().int().nonnegative() }).optional(),
    /** A complete reading of a list that is otherwise read by changes: what it finds older than this is healed. */
    healsBefore: instant.optional(),
  }),
  /** One listing per parent. */
  z.object({
    kind: z.literal('children'),
    parents: ids,
    /** These parents are read again by rota, and not because anything says that they changed. */
    reread: z.literal(true).optional(),
  }),
  /** One row per id. */
  z.object({ kind: z.literal('ids'), ids }),
]);
export type Selection = z.infer<typeof selection>;

export const task = z.object({ taskId, stream: streamName, selection });
export type Task = z.infer<typeof task>;

/**
 * `nightly` moves watermarks; the others never do. `sweep` asks for leads that an export lacks, `confirm` once more for
 * rows that are suspected deleted.
 */
export const runKind = z.enum(['nightly', 'backfill', 'refresh', 'export', 'sweep', 'confirm']);
export type RunKind = z.infer<typeof runKind>;

export const plan = z.object({
  runId,
  kind: runKind,
  startedAt: instant,
  /** After this the run ends with what it has. */
  deadline: instant,
  /** Streams that this run reads, children included. */
  streams: z.array(streamName),
  /** Tasks of round 0: those that need no parent. Later rounds are objects of their own. */
  tasks: z.array(task),
  /** What was read last is current whatever its `updated_at` says, and the children of every row are read. */
  fullRefresh: z.boolean(),
});
export type Plan = z.infer<typeof plan>;

/** Tasks that publish has added to a run once the rows of their parents were current; none if it ended the run. */
export const round = z.object({ round: z.number().int().positive(), tasks: z.array(task) });
export type Round = z.infer<typeof round>;

/** Why a task failed, for a person and for the report. `code` is that of the error class. */
export const failure = z.object({
  code: z.string(),
  message: z.string(),
  requestId: z.string().nullable(),
});
export type Failure = z.infer<typeof failure>;

/** A task waits because the API wants to be asked later. Over once `until` is past. */
export const waiting = z.object({ until: instant, stream: streamName, reason: z.string() });
export type Waiting = z.infer<typeof waiting>;

const count = z.number().int().nonnegative();
const file = z.object({ key: z.string(), rows: count, bytes: count, sha256: z.string() });

/** Left by convert for each chunk. */
export const convertReceipt = z.object({
  taskId,
  stream: streamName,
  sequence: count,
  status: z.enum(['done', 'failed']),
  rowsIn: count,
  rowsOut: count,
  rowsRejected: count,
  /** Rows with bytes that are no UTF-8, which are kept in `_extra`; absent if there are none. */
  rowsUndecoded: count.optional(),
  files: z.array(file),
  error: failure.nullable(),
  finishedAt: instant,
});
export type ConvertReceipt = z.infer<typeof convertReceipt>;

/** A parent or an id that could not be read although others could. */
const failedItem = z.object({ id: z.string(), failure });
export type FailedItem = z.infer<typeof failedItem>;

/** Left by extract when a task is over. A later success overwrites a failure. */
export const extractReceipt = z.object({
  taskId,
  stream: streamName,
  /** `stopped`: the run's deadline passed; what was read until then counts. */
  status: z.enum(['done', 'stopped', 'failed']),
  /** Rows of each chunk, by sequence number. */
  chunks: z.array(count),
  rows: count,
  /** When the first request was sent; null if none was. */
  askedAt: instant.nullable(),
  /** How many of the selection's parents or ids were read to their end, in order; 1 for a whole list or singleton. */
  read: count,
  /** Parents or ids among those that answered 404 or 410. */
  missing: z.array(z.string()),
  /** Parents or ids among those that failed alone. */
  failed: z.array(failedItem),
  /** What a person should know although nothing failed, such as a list without pagination. */
  notes: z.array(z.string()),
  /** Where the list goes on, if it was left in the middle. */
  resume: z.object({ cursor: z.string(), pages: count }).nullable(),
  /** The last chunk's own receipt, if it was converted where it was read. */
  converted: convertReceipt.nullable(),
  requests: count,
  retries: count,
  error: failure.nullable(),
  finishedAt: instant,
});
export type ExtractReceipt = z.infer<typeof extractReceipt>;

/** One line of a raw chunk: a row as the API gave it, and where it came from. `row` is the API's own text. */
export const rawLineMeta = z.object({
  request_id: z.string().nullable(),
  extracted_at: instant,
  /** Id of the parent, for streams that have one. */
  parent: z.string().optional(),
  /** Number among the rows of its list, for streams whose rows are numbered. */
  position: count.optional(),
});
export type RawLineMeta = z.infer<typeof rawLineMeta>;

/** What of a run was sent again after it had failed, by a person who has mended the cause. */
export const replay = z.object({
  /** Of the latest replay: later than that of any before it. */
  at: instant,
  /** Until this the run is waited for, where it is later than the plan's. */
  deadline: instant,
  /**
   * `finishedAt` of the receipts that the replay found, by the id of their task or chunk. The run waits for
   * others in their place. Times are only compared for equality: the clocks of a person and of a function differ.
   */
  awaited: z.record(z.string(), instant),
});
export type Replay = z.infer<typeof replay>;

/** How a run, or one table of it, ended. `running` only while it is under way. */
export const runStatus = z.enum(['complete', 'partial', 'failed']);
export type RunStatus = z.infer<typeof runStatus>;

export const tableReport = z.object({
  status: runStatus,
  rowsExtracted: z.number().int(),
  rowsWritten: z.number().int(),
  rowsRejected: z.number().int(),
  /** Rows that the current table has already, letter for letter. */
  rowsUnchanged: z.number().int(),
  /** Rows of the current table that this run added or changed. */
  rowsChanged: z.number().int(),
  /** Of those, rows that only a rereading found: what the other signals missed. */
  rowsHealed: z.number().int(),
  rowsDeleted: z.number().int(),
  /** Rows that the API did not give although it should have: asked for again before they are deleted. */
  rowsSuspected: z.number().int(),
  /** Parents or ids that answered 404 or 410. */
  missing: z.number().int(),
  /** Parents or ids that failed alone, and are asked again in the next run. */
  itemsFailed: z.number().int(),
  files: z.number().int(),
  bytes: z.number().int(),
  requests: z.number().int(),
  retries: z.number().int(),
  error: failure.nullable(),
  notes: z.array(z.string()),
});
export type TableReport = z.infer<typeof tableReport>;

/** What publish writes when a run is over, and what the report of `npm start` is made of. */
export const runReport = z.object({
  runId,
  kind: runKind,
  status: runStatus,
  startedAt: instant,
  finishedAt: instant,
  /** `at` of the replay that this takes into account, if there was one. */
  replayedAt: instant.optional(),
  /** The run that asks once more for rows that this one suspects to be deleted. */
  confirmRunId: runId.optional(),
  tables: z.record(streamName, tableReport),
});
export type RunReport = z.infer<typeof runReport>;

/** The one mutable object of the pipeline, moved by `If-Match`. */
export const pipelineState = z.object({
  /** Start of the newest nightly run that has read the table whole, as far as it is read in a night. */
  watermarks: z.record(streamName, z.object({ at: instant, runId })),
  /** Lists that are read by changes: the newest complete reading, and how many there were. */
  rereads: z.record(streamName, z.object({ at: instant, runId, count })),
  /** First loads that are not at the end of their list. */
  resumes: z.record(streamName, z.object({ cursor: z.string(), pages: count, startedAt: instant })),
  /** Streams of each run that has been planned and not yet published. */
  underWay: z.record(runId, z.object({ startedAt: instant, deadline: instant, streams: z.array(streamName) })),
});
export type PipelineState = z.infer<typeof pipelineState>;
