import type { Failure } from '../../contract/run.ts';
import type { Clock } from '../ports.ts';

/**
 * A process that dies on the last receive of its message (out of memory, timed out, killed) leaves no word:
 * the message is a dead letter, and the run would wait for its receipt until the deadline. So the last
 * attempt begins with a failed receipt that counts from the time on at which the attempt must be over: that
 * time is its `finishedAt`. Whatever the attempt itself leaves takes its place. See docs/adr.
 */

const code = 'process_died';
/** The clocks of two functions may differ by this. */
const skewMilliseconds = 5 * 60_000;
const never = new Date('9999-12-31T23:59:59.999Z');

export const processDied: Failure = {
  code,
  message:
    'The process of the function ended before it could say why: it was out of memory, timed out or was killed. Look at the log of the function; its message is in the dead-letter queue, from where `npm run ops -- replay-dead-letters` sends it again.',
  requestId: null,
};

/** The clock of a receipt that is left before the last attempt. */
export function afterAttempt(clock: Clock, remainingMilliseconds: number): Clock {
  const over = new Date(clock.now().getTime() + remainingMilliseconds + skewMilliseconds);
  return { now: () => over };
}

/** The clock of a receipt that is not to count after all: the work goes on in another message. */
export const neverAfter: Clock = { now: () => never };

/** Whether a receipt says what will be true if nobody leaves another by then. */
export function isProvisional(
  { error, finishedAt }: { error: Failure | null; finishedAt: string },
  now: Date,
): boolean {
  return error?.code === code && Date.parse(finishedAt) > now.getTime();
}
