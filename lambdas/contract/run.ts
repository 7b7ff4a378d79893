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

/** Which rows of its stream a task reads. */
export const selection = z.discriminatedUnion('kind', [
  /** The one object of a singleton. */
  z.object({ kind: z.literal('single') }),
  /** A whole list, or the slice of it that changed in a window (bounds as the API's filters take them). */
  z.object({
    kind: z.literal('list'),
    window: z.object({ after: instant.optional(), before: instant.optional() }).optional(),
    /** Children are asked for only where a `moved` time of the row is at or after this. Absent: for every row. */
    childrenSince: instant.optional(),
    /** Run whose `seen` object says which rows of the overlap are in the lake already. */
    seenRun: runId.optional(),
    /** Rows whose cursor or `moved` time is at or after this go into the `seen` object of this run. */
    seenFrom: instant.optional(),
  }),
  /** One listing per parent. */
  z.object({ kind: z.literal('children'), parents: z.array(z.string().min(1).max(maxIdLength)).min(1).max(1000) }),
  /** One row per id. */
  z.object({ kind: z.literal('ids'), ids: z.array(z.string().min(1).max(maxIdLength)).min(1).max(1000) }),
]);
export type Selection = z.infer<typeof selection>;

export const task = z.object({ taskId, stream: streamName, selection });
export type Task = z.infer<typeof task>;

/** `nightly` moves watermarks; the others never do. */
export const runKind = z.enum(['nightly', 'backfill', 'refresh', 'export']);
export type RunKind = z.infer<typeof runKind>;

export const plan = z.object({
  runId,
  kind: runKind,
  startedAt: instant,
  /** After this the run ends with what it has. */
  deadline: instant,
  /** Streams that this run reads, children included. */
  streams: z.array(streamName),
  tasks: z.array(task),
});
export type Plan = z.infer<typeof plan>;

/** Why a task failed, for a person and for the report. `code` is that of the error class. */
export const failure = z.object({
  code: z.string(),
  message: z.string(),
  requestId: z.string().nullable(),
});
export type Failure = z.infer<typeof failure>;

/** Left by extract when a task is over. A later success overwrites a failure. */
export const extractReceipt = z.object({
  taskId,
  stream: streamName,
  status: z.enum(['done', 'failed']),
  /** Rows of each chunk, by sequence number. */
  chunks: z.array(z.number().int().nonnegative()),
  rows: z.number().int().nonnegative(),
  /** Rows that the lake has already, letter for letter, from the overlap of two windows. */
  unchanged: z.number().int().nonnegative(),
  /** Parents or ids that answered 404: deleted meanwhile. */
  gone: z.number().int().nonnegative(),
  /** Task ids of the children that were sent. */
  children: z.array(taskId),
  requests: z.number().int().nonnegative(),
  retries: z.number().int().nonnegative(),
  error: failure.nullable(),
  finishedAt: instant,
});
export type ExtractReceipt = z.infer<typeof extractReceipt>;

const file = z.object({ key: z.string(), rows: z.number().int().nonnegative(), bytes: z.number().int().nonnegative() });

/** Left by convert for each chunk. */
export const convertReceipt = z.object({
  taskId,
  stream: streamName,
  sequence: z.number().int().nonnegative(),
  status: z.enum(['done', 'failed']),
  rowsIn: z.number().int().nonnegative(),
  rowsOut: z.number().int().nonnegative(),
  rowsRejected: z.number().int().nonnegative(),
  files: z.array(file),
  error: failure.nullable(),
  finishedAt: instant,
});
export type ConvertReceipt = z.infer<typeof convertReceipt>;

/** One line of a raw chunk: a row as the API gave it, and where it came from. `row` is the API's own text. */
export const rawLineMeta = z.object({
  request_id: z.string().nullable(),
  extracted_at: instant,
  /** Id of the parent, for streams that have one. */
  parent: z.string().optional(),
  /** Set on a tombstone: the API no longer knows the row, of which only the id is told. */
  deleted_at: instant.optional(),
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
  rowsUnchanged: z.number().int(),
  gone: z.number().int(),
  files: z.number().int(),
  bytes: z.number().int(),
  requests: z.number().int(),
  retries: z.number().int(),
  error: failure.nullable(),
});
export type TableReport = z.infer<typeof tableReport>;

/** What publish writes when a run is over, and what the report of `npm start` is made of. */
export const runReport = z.object({
  runId,
  kind: runKind,
  status: runStatus,
  startedAt: instant,
  finishedAt: instant,
  /** `at` of the replay that this takes into account, where there was one. */
  replayedAt: instant.optional(),
  tables: z.record(streamName, tableReport),
});
export type RunReport = z.infer<typeof runReport>;

/** The one mutable object of the pipeline, moved by `If-Match`. */
export const pipelineState = z.object({
  watermarks: z.record(streamName, z.object({ at: instant, runId })),
  /** Streams of each run that has been planned and not yet published. */
  underWay: z.record(runId, z.object({ startedAt: instant, deadline: instant, streams: z.array(streamName) })),
});
export type PipelineState = z.infer<typeof pipelineState>;
