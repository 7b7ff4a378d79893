/** Bodies of the queue messages. They are small, self-contained and safe to deliver twice. */

import { z } from 'zod';
import { runId, sentRequests, task, taskId } from './run.ts';

export const extractMessage = z.object({
  runId,
  runStartedAt: z.iso.datetime(),
  task,
  /** Number of earlier messages of this task. It is limited, so that a task cannot continue forever. */
  continuation: z.number().int().nonnegative(),
  /** The API wants no request before this time. A message that is delivered earlier waits. */
  notBefore: z.iso.datetime().optional(),
  /** The item and page at which a rate limit stopped the task, and how many messages in a row it stopped there. */
  refused: z.object({ item: z.number().int(), pages: z.number().int(), times: z.number().int() }).optional(),
  /** Requests of the task's earlier messages. */
  spent: sentRequests.optional(),
});
export type ExtractMessage = z.infer<typeof extractMessage>;

export const convertMessage = z.object({
  runId,
  runStartedAt: z.iso.datetime(),
  taskId,
  stream: z.string(),
  sequence: z.number().int().nonnegative(),
  /** Convert the chunk again: this version of the code may accept rows that an earlier one rejected. */
  again: z.literal(true).optional(),
});
export type ConvertMessage = z.infer<typeof convertMessage>;

export const publishMessage = z.object({
  runId,
  /** How often publish has checked the run. The wait until the next check grows with this number. */
  check: z.number().int().nonnegative(),
  /** Sent by a function that just finished work of the run. Publish checks once and schedules no further check. */
  ping: z.literal(true).optional(),
});
export type PublishMessage = z.infer<typeof publishMessage>;

/** Input of plan, from the schedule or a person. */
export const planRequest = z.object({
  /**
   * The time that the run is scheduled for, not the time of delivery: two deliveries for the same time make one run.
   */
  scheduledAt: z.iso.datetime(),
  kind: z.enum(['nightly', 'backfill']).default('nightly'),
  /** Root and child streams to read. Absent: the configured streams. */
  streams: z.array(z.string()).optional(),
  /** Ignore the watermarks and read everything. */
  fullRefresh: z.boolean().default(false),
  /**
   * True if a person sent the request and waits for it: a failure is then final. Otherwise Lambda repeats a failed
   * event.
   */
  once: z.boolean().default(false),
  /** Bounds of a backfill. `from` overrides the configured start date. */
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});
export type PlanRequest = z.infer<typeof planRequest>;

/** Asks plan only whether the API key belongs to the workspace of the tables. Nothing is planned. */
export const keyCheckRequest = z.strictObject({ checkKey: z.literal(true) });
export type KeyCheckRequest = z.infer<typeof keyCheckRequest>;

/** Answer to a {@link keyCheckRequest}: why the key must not read for the tables; null if it may. */
export const keyCheckAnswer = z.object({ refusal: z.string().nullable() });
export type KeyCheckAnswer = z.infer<typeof keyCheckAnswer>;

/** Steps of an export job. The schedule sends the first step to the queue itself. */
export const exportMessage = z.discriminatedUnion('step', [
  z.object({ step: z.literal('create'), scheduledAt: z.iso.datetime() }),
  /** A webhook event says that an export has ended, whoever started it. */
  z.object({ step: z.literal('follow'), exportId: z.string().min(1), receivedAt: z.iso.datetime() }),
  z.object({
    step: z.literal('poll'),
    runId,
    exportId: z.string().min(1),
    /** The file holds every lead that existed before this time. */
    startedAt: z.iso.datetime(),
    check: z.number().int().nonnegative(),
    /** True if we started the export. Only then do we know that it covers everything. */
    ours: z.boolean(),
  }),
  z.object({
    step: z.literal('load'),
    runId,
    exportId: z.string().min(1),
    startedAt: z.iso.datetime(),
    fileKey: z.string().min(1),
    /** Rows in the file according to the vendor. */
    rowCount: z.number().int().nonnegative().nullable(),
    /** True if the file holds every lead. Then a lead that the file lacks was deleted at the source. */
    complete: z.boolean(),
    /** How often the function has looked for the file. */
    check: z.number().int().nonnegative(),
  }),
  z.object({
    step: z.literal('sweep'),
    runId,
    exportId: z.string().min(1),
    startedAt: z.iso.datetime(),
    check: z.number().int().nonnegative(),
    /** Set by a person who checked: skips the guard against mass deletion. */
    approved: z.boolean(),
  }),
]);
export type ExportMessage = z.infer<typeof exportMessage>;
