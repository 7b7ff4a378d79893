/** The JSON objects in S3 that make up a run while it is under way: its plan, its tasks and their receipts. */

import { z } from 'zod';
import { fieldCounts } from './field-counts.ts';

export const instant = z.iso.datetime();
/** Ids of runs and tasks are parts of object keys, so few characters are allowed. */
export const runId = z
  .string()
  .regex(/^[a-z]+-[0-9TZ]+(-[a-z0-9]+)?$/)
  .max(80);
export const taskId = z
  .string()
  .regex(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/)
  .max(200);
export const streamName = z
  .string()
  .regex(/^[a-z0-9_]+$/)
  .max(64);

/** Most characters of an id of an API resource. A row with a longer id is rejected. */
export const maxIdLength = 256;

/** Most parents or ids of a task. A task of this size usually needs one or two messages. */
export const maxIdsPerTask = 500;
/** Most ids of existing rows that a task requests besides. Several, because one that is chosen may be deleted itself. */
export const maxControls = 3;
const ids = z
  .array(z.string().min(1).max(maxIdLength))
  .min(1)
  .max(maxIdsPerTask + maxControls);

export const count = z.number().int().nonnegative();

/** Which rows of its stream a task reads. */
export const selection = z.discriminatedUnion('kind', [
  /** The only object of a singleton. */
  z.object({ kind: z.literal('single') }),
  z.object({
    kind: z.literal('list'),
    /** Bounds of the API's time filters. Absent: the whole list. */
    window: z.object({ after: instant.optional(), before: instant.optional() }).optional(),
    /** The page at which an earlier run stopped at its deadline. Absent: the task begins with the first page. */
    resume: z.object({ cursor: z.string(), pages: z.number().int().nonnegative() }).optional(),
    /**
     * Set if a list that is normally read only for changes is read completely. If such a reading finds a change in a
     * row last updated before this time, earlier readings missed the change: it counts as healed.
     */
    healsBefore: instant.optional(),
    /**
     * Set for a second reading of a list: the task that read it first. Rows move while a list is paged, so the first
     * task may have missed some. The second stores only rows that the first did not store, byte for byte.
     */
    again: taskId.optional(),
  }),
  /** One listing per parent. */
  z.object({
    kind: z.literal('children'),
    parents: ids,
    /**
     * True if these parents are read because their last reading is `CHILD_REREAD_DAYS` old, not because of a sign that
     * they changed.
     */
    reread: z.literal(true).optional(),
    /** Set for a second reading of the lists of these parents: the task that read them first. */
    again: taskId.optional(),
  }),
  /** One row per id. */
  z.object({ kind: z.literal('ids'), ids }),
]);
export type Selection = z.infer<typeof selection>;

export const task = z.object({ taskId, stream: streamName, selection });
export type Task = z.infer<typeof task>;

/**
 * Only `nightly` moves watermarks. `sweep` asks for leads that an export lacks; `confirm` asks again for rows that are
 * suspected deleted.
 */
export const runKind = z.enum(['nightly', 'backfill', 'refresh', 'export', 'sweep', 'confirm']);
export type RunKind = z.infer<typeof runKind>;

/** Answers with a rate limit, and for how long they held the requests. */
export const rateLimits = z.object({ answers: count, milliseconds: count });
export type RateLimits = z.infer<typeof rateLimits>;

/** Number of requests that were sent, and how many of them were retries. */
export const sentRequests = z.object({
  requests: count,
  retries: count,
  /** Absent if there were none. */
  limited: rateLimits.optional(),
});
export type SentRequests = z.infer<typeof sentRequests>;

export const plan = z.object({
  runId,
  kind: runKind,
  startedAt: instant,
  /** Time after which the run reads no more, and publishes what it has read. */
  deadline: instant,
  /** Streams that this run reads, including children. */
  streams: z.array(streamName),
  /**
   * Tables that the request named, as `--streams` of `start` does. Absent: all that the configuration names. Only a
   * nightly run without it counts as a whole night.
   */
  requestedStreams: z.array(streamName).optional(),
  /** The first tasks, which need no rows of a parent. Each later round of tasks is an object of its own. */
  tasks: z.array(task),
  /**
   * If true, the row read last becomes current whatever its `updated_at` says, and the children of every row are read.
   */
  fullRefresh: z.boolean(),
  /** Requests that were sent to plan the run. They belong to no table. Absent if planning sends none. */
  planning: sentRequests.optional(),
  /** Scopes that the streams need and that the API does not list for the key. Absent if there are none. */
  missingScopes: z.array(z.string()).optional(),
  /** The custom columns of each table that a night does not read whole. Absent if there are none. */
  customColumns: z.record(streamName, z.array(z.string())).optional(),
});
export type Plan = z.infer<typeof plan>;

/** Why a task failed, for a person and for the report. `code` is the code of the error class. */
export const failure = z.object({
  code: z.string(),
  message: z.string(),
  requestId: z.string().nullable(),
});
export type Failure = z.infer<typeof failure>;

/** A wait that the API asked for. It is over when `until` is past. */
export const waiting = z.object({ until: instant, stream: streamName, reason: z.string() });
export type Waiting = z.infer<typeof waiting>;

const file = z.object({ key: z.string(), rows: count, bytes: count, sha256: z.string() });

/** Receipt that convert leaves for each chunk. */
export const convertReceipt = z.object({
  taskId,
  stream: streamName,
  sequence: count,
  status: z.enum(['done', 'failed']),
  rowsIn: count,
  rowsOut: count,
  rowsRejected: count,
  /**
   * Rows and files that were removed later to forget a person, and when last. `rejected` is how many of the rows had
   * been rejected. Absent if none were removed.
   */
  forgotten: z.object({ rows: count, rejected: count.default(0), files: count, at: instant }).optional(),
  /** Rejected rows for which the API gives no key, so that no version can read them. Absent if there are none. */
  rowsKeyless: count.optional(),
  /** Rows with bytes that are not UTF-8; the bytes are kept in `_extra`. Absent if there are none. */
  rowsUndecoded: count.optional(),
  /** Absent if the conversion failed, and in receipts of older code, which did not count fields. */
  fields: fieldCounts.optional(),
  files: z.array(file),
  error: failure.nullable(),
  finishedAt: instant,
});
export type ConvertReceipt = z.infer<typeof convertReceipt>;

/** A parent or an id that could not be read although others could. */
const failedItem = z.object({ id: z.string(), failure });
export type FailedItem = z.infer<typeof failedItem>;

/** Receipt that extract leaves when a task ends. A later success overwrites a failure. */
export const extractReceipt = z.object({
  taskId,
  stream: streamName,
  /** `stopped`: the run's deadline passed; the rows read until then count. */
  status: z.enum(['done', 'stopped', 'failed']),
  /** Rows of each chunk, by sequence number. */
  chunks: z.array(count),
  rows: count,
  /** When the first request was sent; null if none was. */
  askedAt: instant.nullable(),
  /** How many of the selection's parents or ids were read to their end, in order. 1 for a whole list or a singleton. */
  read: count,
  /** Parents or ids of the selection for which the API answered 404 or 410. */
  missing: z.array(z.string()),
  /** Parents or ids of the selection that failed although others could be read. They are requested again. */
  failed: z.array(failedItem),
  /** Parents whose lists took several pages, in which rows can move while they are read. Absent if there are none. */
  paged: z.array(z.string()).optional(),
  /** Digests of forgotten rows that the API still gave, or whose children it gave. Absent if there were none. */
  dropped: z.array(z.string()).optional(),
  /** How many rows the list gave more than once, if so many that it must have left out others. Absent otherwise. */
  repeated: count.optional(),
  /** Facts that a person should know although nothing failed, such as a list without pagination. */
  notes: z.array(z.string()),
  /** The page to read next if the task stopped before the end of the list. Null: it read the list to its end. */
  resume: z.object({ cursor: z.string(), pages: count }).nullable(),
  /** Receipt of the last chunk, if the task converted it right after reading it. */
  converted: convertReceipt.nullable(),
  ...sentRequests.shape,
  error: failure.nullable(),
  finishedAt: instant,
});
export type ExtractReceipt = z.infer<typeof extractReceipt>;

/** Tasks that publish added to a run after the rows of their parents became current. Empty if publish ended the run. */
export const round = z.object({
  round: z.number().int().positive(),
  tasks: z.array(task),
  /**
   * Only in the round of a run that one invocation did from its plan to its end: the receipts of all tasks. This round
   * then has the tasks of all rounds.
   */
  receipts: z.array(extractReceipt).optional(),
});
export type Round = z.infer<typeof round>;

/** The work of a run that a person sent again after fixing the cause of its failure. */
export const replay = z.object({
  /** Time of the latest replay; later than the time of any earlier replay. */
  at: instant,
  /** The run is waited for until this time, or until the plan's deadline if that is later. */
  deadline: instant,
  /**
   * `finishedAt` of each receipt that the replay found, by the id of its task or chunk. The run waits until other
   * receipts replace these. Times are compared only for equality because the clocks of the person and the function
   * differ.
   */
  awaited: z.record(z.string(), instant),
});
export type Replay = z.infer<typeof replay>;
