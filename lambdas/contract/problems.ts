import { z } from 'zod';

/**
 * What a person is told about and must act on. Each name is the heading of a section of docs/runbook.md; those of the
 * alarms, which only AWS can see, stand in lib/monitoring/alarms.ts.
 */
export const problemNames = [
  'RunMissing',
  'RunFailed',
  'RunPartial',
  'RowsRejected',
  'RowsHealed',
  'TableStale',
  'KeyRefused',
  'ScopeMissing',
  'DeletionsHeld',
  'WorkWaits',
  'DeadLetters',
  'EventsNeverReceived',
  'ExportFailed',
  'DeletionStopped',
] as const;
export type ProblemName = (typeof problemNames)[number];

/** Told as an event of the type `needsAttention`: the rule of the stack makes a mail of it. */
export interface Problem {
  readonly problem: ProblemName;
  /** A sentence or two: what is wrong. No personal data, no secret. */
  readonly message: string;
}

/** A queue that the watcher looks at. */
const watchedQueue = z.object({ name: z.string().min(1), url: z.url() });
export const watchedQueues = z.object({
  /** Where work waits, and for how many hours that may be. */
  work: z.array(watchedQueue.extend({ hours: z.number().positive() })),
  /** Where work lies that was given up. */
  deadLetters: z.array(watchedQueue),
});
export type WatchedQueues = z.infer<typeof watchedQueues>;
