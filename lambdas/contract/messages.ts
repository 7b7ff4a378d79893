import { z } from 'zod';
import { runId, task, taskId } from './run.ts';

/** Bodies of the queue messages: small, self-contained, and safe to deliver twice. */

export const extractMessage = z.object({
  runId,
  runStartedAt: z.iso.datetime(),
  task,
  /** How many messages this task has taken so far; bounds its continuations. */
  continuation: z.number().int().nonnegative(),
});
export type ExtractMessage = z.infer<typeof extractMessage>;

export const convertMessage = z.object({
  runId,
  runStartedAt: z.iso.datetime(),
  taskId,
  stream: z.string(),
  sequence: z.number().int().nonnegative(),
});
export type ConvertMessage = z.infer<typeof convertMessage>;

export const publishMessage = z.object({
  runId,
  /** How often the run has been looked at; the wait grows with it. */
  check: z.number().int().nonnegative(),
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
