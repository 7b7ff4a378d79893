import { z } from 'zod';
import { runId, task, taskId } from './run.ts';

/** Bodies of the queue messages: small, self-contained, and safe to deliver twice. */

export const extractMessage = z.object({
  runId,
  runStartedAt: z.iso.datetime(),
  task,
  /** How many messages this task has taken so far; bounds its continuations. */
  continuation: z.number().int().nonnegative(),
  /** The API wants no request before this. A message that comes earlier waits on. */
  notBefore: z.iso.datetime().optional(),
  /** Requests and retries of earlier messages. */
  spent: z.object({ requests: z.number().int(), retries: z.number().int() }).optional(),
});
export type ExtractMessage = z.infer<typeof extractMessage>;

export const convertMessage = z.object({
  runId,
  runStartedAt: z.iso.datetime(),
  taskId,
  stream: z.string(),
  sequence: z.number().int().nonnegative(),
  /** Convert it although it has been: for rows that were set aside and that a later version can read. */
  again: z.literal(true).optional(),
});
export type ConvertMessage = z.infer<typeof convertMessage>;

export const publishMessage = z.object({
  runId,
  /** How often the run has been looked at; the wait grows with it. */
  check: z.number().int().nonnegative(),
  /** Sent by who has just finished work of the run: one look, after which no other is asked for. */
  ping: z.literal(true).optional(),
});
export type PublishMessage = z.infer<typeof publishMessage>;

/** What the schedule (or a person) invokes plan with. */
export const planRequest = z.object({
  /** The schedule's own time, so that the same tick twice makes one run. */
  scheduledAt: z.iso.datetime(),
  kind: z.enum(['nightly', 'backfill']).default('nightly'),
  /** Root and child streams to read; absent: those of the configuration. */
  streams: z.array(z.string()).optional(),
  /** Forget the watermarks and read everything. */
  fullRefresh: z.boolean().default(false),
  /** Bounds of a backfill, and a start date that overrides the configuration's. */
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});
export type PlanRequest = z.infer<typeof planRequest>;

/** Steps of an export job; the schedule sends the first to the queue by itself. */
export const exportMessage = z.discriminatedUnion('step', [
  z.object({ step: z.literal('create'), scheduledAt: z.iso.datetime() }),
  /** An event says that an export, ours or another's, is over. */
  z.object({ step: z.literal('follow'), exportId: z.string().min(1), receivedAt: z.iso.datetime() }),
  z.object({
    step: z.literal('poll'),
    runId,
    exportId: z.string().min(1),
    /** Before this, every lead is in the file. */
    startedAt: z.iso.datetime(),
    check: z.number().int().nonnegative(),
    /** Whether we started it: only then is it known to be an export of everything. */
    ours: z.boolean(),
  }),
  z.object({
    step: z.literal('load'),
    runId,
    exportId: z.string().min(1),
    startedAt: z.iso.datetime(),
    fileKey: z.string().min(1),
    /** Rows that the vendor says are in the file. */
    rowCount: z.number().int().nonnegative().nullable(),
    /** Whether the file holds every lead, so that one it lacks is deleted at the source. */
    complete: z.boolean(),
    /** How often the file was looked for. */
    check: z.number().int().nonnegative(),
  }),
  z.object({
    step: z.literal('sweep'),
    runId,
    exportId: z.string().min(1),
    startedAt: z.iso.datetime(),
    check: z.number().int().nonnegative(),
    /** Set by a person who looked: the guard against mass deletion is passed. */
    approved: z.boolean(),
  }),
]);
export type ExportMessage = z.infer<typeof exportMessage>;
