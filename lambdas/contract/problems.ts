import { z } from 'zod';

/**
 * Problems that are reported to a person who must act. Each name is a heading in docs/runbook.md. Alarms that only AWS
 * can raise are in lib/monitoring/alarms.ts.
 */
export const problemNames = [
  'RunMissing',
  'RunFailed',
  'RunPartial',
  'RowsRejected',
  'ValuesDoNotFit',
  'RowsHealed',
  'TableStale',
  'KeyRefused',
  'ScopeMissing',
  'DeletionsHeld',
  'ForgottenStillGiven',
  'WorkWaits',
  'DeadLetters',
  'EventsNeverReceived',
  'ExportFailed',
  'DeletionStopped',
] as const;
export type ProblemName = (typeof problemNames)[number];

/** Sent as a `needsAttention` event. A rule of the stack turns it into an e-mail. */
export interface Problem {
  readonly problem: ProblemName;
  /** A sentence or two: what is wrong. No personal data, no secret. */
  readonly message: string;
}

/** A queue that the watcher checks. */
const watchedQueue = z.object({ name: z.string().min(1), url: z.url() });
export const watchedQueues = z.object({
  /** Queues of waiting work. Work may wait for at most `hours`. */
  work: z.array(watchedQueue.extend({ hours: z.number().positive() })),
  /** Queues of work that was given up. */
  deadLetters: z.array(watchedQueue),
});
export type WatchedQueues = z.infer<typeof watchedQueues>;
