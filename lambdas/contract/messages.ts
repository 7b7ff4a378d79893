import { z } from 'zod';
import { runId, task, taskId } from './run.ts';

/** Bodies of the queue messages. They are small, self-contained and safe to deliver twice. */

export const extractMessage = z.object({
  runId,
  runStartedAt: z.iso.datetime(),
  task,
  /** How many messages this task has taken so far. Limits its continuations. */
  continuation: z.number().int().nonnegative(),
  /** The API wants no request before this time. A message that is delivered earlier waits. */
  notBefore: z.iso.datetime().optional(),
  /** Requests and retries of the task's earlier messages. */
  spent: z.object({ requests: z.number().int(), retries: z.number().int() }).optional(),
});
export type ExtractMessage = z.infer<typeof extractMessage>;

export const convertMessage = z.object({
  runId,
  runStartedAt: z.iso.datetime(),
  taskId,
  stream: z.string(),
  sequence: z.number().int().nonnegative(),
  /** Convert the chunk again, so that a later version can read rows that were rejected. */
  again: z.literal(true).optional(),
});
export type ConvertMessage = z.infer<typeof convertMessage>;

export const publishMessage = z.object({
  runId,
  /** How often publish has checked the run. The wait grows with it. */
  check: z.number().int().nonnegative(),
  /** Sent by a function that just finished work of the run. Publish checks once and schedules no further check. */
  ping: z.literal(true).optional(),
});
export type PublishMessage = z.infer<typeof publishMessage>;

/** Input of plan, from the schedule or a person. */
export const planRequest = z.object({
  /** The schedule's own time, so that two deliveries of the same tick make one run. */
  scheduledAt: z.iso.datetime(),
  kind: z.enum(['nightly', 'backfill']).default('nightly'),
  /** Root and child streams to read. Absent: the configured streams. */
  streams: z.array(z.string()).optional(),
  /** Ignore the watermarks and read everything. */
  fullRefresh: z.boolean().default(false),
  /** Bounds of a backfill. `from` overrides the configured start date. */
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});
export type PlanRequest = z.infer<typeof planRequest>;

/** Steps of an export job. The schedule sends the first step to the queue itself. */
export const exportMessage = z.discriminatedUnion('step', [
  z.object({ step: z.literal('create'), scheduledAt: z.iso.datetime() }),
  /** A webhook event says that an export has ended, whoever started it. */
  z.object({ step: z.literal('follow'), exportId: z.string().min(1), receivedAt: z.iso.datetime() }),
  z.object({
    step: z.literal('poll'),
    runId,
    exportId: z.string().min(1),
    /** The file holds every lead that existed before this. */
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
    /** True if the file holds every lead, so that a lead it lacks is deleted at the source. */
    complete: z.boolean(),
    /** How often we looked for the file. */
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
