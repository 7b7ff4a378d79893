/**
 * If a process dies on the last receive of its message (out of memory, timed out, killed), it leaves no receipt. The
 * message becomes a dead letter, and the run would wait for the receipt until its deadline. So the last attempt begins
 * by writing a failed receipt. Its `finishedAt` is the time at which the attempt must have ended, and it does not count
 * before then. If the attempt writes its own receipt, that replaces the failed one. See ADR 5.
 */

import type { Failure } from '../../contract/run.ts';
import type { Clock } from '../ports.ts';

const code = 'process_died';
/** Largest difference that we expect between the clocks of two functions. */
export const mostSkewMilliseconds = 5 * 60_000;
const never = new Date('9999-12-31T23:59:59.999Z');

export const processDied: Failure = {
  code,
  message:
    'The process of the function ended before it could say why: it ran out of memory, timed out or was killed. Look at the log of the function. Its message is in the dead-letter queue: `npx prospect-lake ops replay-dead-letters` sends it again.',
  requestId: null,
};

/** Clock for the receipt that is written before the last attempt: it shows when the attempt must have ended. */
export function clockAfterAttempt(clock: Clock, remainingMilliseconds: number): Clock {
  const over = new Date(clock.now().getTime() + remainingMilliseconds + mostSkewMilliseconds);
  return { now: () => over };
}

/** Clock for a receipt that must not count after all: the work continues in another message. */
export const neverClock: Clock = { now: () => never };

/** True if a receipt was written before an attempt that may still be under way: it does not count yet. */
export function isProvisional(
  { error, finishedAt }: { error: Failure | null; finishedAt: string },
  now: Date,
): boolean {
  return error?.code === code && Date.parse(finishedAt) > now.getTime();
}
