/** Finds the one parent or id that the API refuses for ever as if it were a rate limit, while it answers for others. */

import type { ExtractMessage } from '../../contract/messages.ts';
import type { Failure } from '../../contract/run.ts';
import { PipelineError, type RateLimitedError, UnavailableError } from '../errors.ts';
import type { Position } from '../rows/chunk-log.ts';
import { isOfAll } from './failed-items.ts';

/** Where a task was refused, and by how many of its messages in a row. */
export type Refused = ExtractMessage['refused'];

/** After this many refusals, each followed by the wait that the API asked for, the place itself may be the cause. */
const maxRefusals = 5;

/** True if the API has refused this place so often that it may be the cause, and not the number of requests. */
export function isSuspect(refused: Refused, { item, pages }: Position): boolean {
  return refused?.item === item && refused.pages === pages && refused.times >= maxRefusals;
}

/** Counts a refusal. A request that only waited for its turn was not refused. */
export function countRefusal(refused: Refused, { item, pages }: Position, limit: RateLimitedError): Refused {
  const before = refused?.item === item && refused.pages === pages ? refused : undefined;
  return limit.status === undefined ? before : { item, pages, times: (before?.times ?? 0) + 1 };
}

/**
 * Ends the waits for an outage that does not end. A rate limit is waited for until the run's deadline.
 * @throws UnavailableError if the API was out of service at this place after each wait
 */
export function checkPatience(refused: Refused, limit: RateLimitedError): void {
  if (!limit.isOutage || (refused?.times ?? 0) <= maxRefusals) return;
  const { message, stream = '', requestId } = limit;
  throw new UnavailableError(message, { stream, status: 503, requestId });
}

/**
 * @param askAnother asks for another item, or for something else if there is none
 * @returns true if the API answers it, also with a refusal that concerns only it
 * @throws RateLimitedError if the API refuses that too: then it is a rate limit
 */
export async function doesAnotherAnswer(askAnother: () => Promise<unknown>): Promise<boolean> {
  try {
    await askAnother();
    return true;
  } catch (error) {
    if (isOfAll(error)) throw error;
    return error instanceof PipelineError && error.disposition === 'terminal';
  }
}

/** The failure of an item that alone is refused. */
export function refusedAlone(stream: string, { status, requestId }: RateLimitedError): Failure {
  const message = `${stream}: the API answered ${status} for this row again and again, although each wait that it asked for was kept, and answers for others. If this lasts, report it to the vendor.`;
  return { code: 'rate_limited', message, requestId };
}
