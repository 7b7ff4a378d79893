import { z } from 'zod';

/** What the functions did on the embedded cloud: counts, which hardly differ from one time to the next, and durations, which do. */

const count = z.number().nonnegative();
const counts = z.record(z.string(), count);

const phase = z.object({
  /** How often it was done; everything below is for all of these together. */
  repeats: z.int().positive(),
  /** By function. */
  invocations: counts,
  /** Calls of AWS services by function and operation, such as `extract s3:PutObject`. */
  calls: counts,
  /** Bytes of the messages sent. */
  messageBytes: count,
  /** Bytes that the functions wrote to their logs. */
  logBytes: count,
  /** Metrics of our own that were written: one a name and set of dimensions. */
  metrics: z.array(z.string()),
  /** Events put on the bus. */
  events: count,
  /** Requests that extract made of the vendor's API. */
  apiRequests: count,
  /** Rows in the tables' new files. */
  rows: count,
  /** Bytes of new objects, by what they are. */
  stored: z.object({ raw: count, runs: count, lake: count }),
  /** The table with the most bytes: what a query of it reads. */
  largestTable: z.object({ bytes: count, files: count }),
});
export type Phase = z.infer<typeof phase>;

export const phaseNames = ['firstLoad', 'night', 'webhook', 'export', 'reconciliation'] as const;
export type PhaseName = (typeof phaseNames)[number];

export const measurement = z.object({
  leads: z.int().positive(),
  phases: z.object({ firstLoad: phase, night: phase, webhook: phase, export: phase, reconciliation: phase }),
});
export type Measurement = z.infer<typeof measurement>;

/** Seconds of an invocation here, on average, by phase and function. Noisy: taken once, and compared with nothing. */
export const durations = z.record(z.string(), counts);
export type Durations = z.infer<typeof durations>;
