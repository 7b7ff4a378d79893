/** Finds a parent or id for which the API always reports a rate limit, although it answers requests for others. */

import type { ExtractMessage } from '../../contract/messages.ts';
import type { Failure } from '../../contract/run.ts';
import { PipelineError, type RateLimitedError, UnavailableError } from '../errors.ts';
import type { Position } from '../rows/chunk-log.ts';
import { refusedAloneCode } from '../runs/item-bounds.ts';
import { isOfAll } from './failed-items.ts';

/** The item and page for which the API refused a task, and how many of its messages in a row. */
export type Refused = ExtractMessage['refused'];

/** After so many refusals, each followed by the wait that the API asked for, the item itself may be the cause. */
const maxRefusals = 5;
/** After this many, and without an answer for any item, it counts whether the API answers anything at all. */
const enoughRefusals = 4 * maxRefusals;

/** True if the API has refused this page of this item so often that the item may be the cause, and not a rate limit. */
export function isSuspect(refused: Refused, { item, pages }: Position): boolean {
  return refused?.item === item && refused.pages === pages && refused.times >= maxRefusals;
}

/** Counts a refusal. A request that was not sent, because it waited for the rate limiter, does not count. */
export function countRefusal(refused: Refused, { item, pages }: Position, limit: RateLimitedError): Refused {
  const before = refused?.item === item && refused.pages === pages ? refused : undefined;
  return limit.status === undefined ? before : { item, pages, times: (before?.times ?? 0) + 1 };
}

/**
 * Stops waiting for an outage that does not end. For a rate limit, a task waits until the run's deadline.
 * @throws UnavailableError if the API was still out of service for this page after each wait
 */
export function checkPatience(refused: Refused, limit: RateLimitedError): void {
  if (!limit.isOutage || (refused?.times ?? 0) <= maxRefusals) return;
  const { message, stream = '', requestId } = limit;
  throw new UnavailableError(message, { stream, status: 503, requestId });
}

/**
 * The item to ask for in the place of a suspect one: after each refusal the next one, as others may be refused too.
 * @returns undefined if there is no other, or enough of them were refused
 */
export function anotherIndex(refused: Refused, index: number, items: number): number | undefined {
  const times = refused?.times ?? 0;
  return items < 2 || times >= enoughRefusals ? undefined : (index + 1 + (times % (items - 1))) % items;
}

/**
 * @param askAnother requests another item, or something else if there is no other
 * @returns true if the API answers that request, even with an error that concerns only this request
 * @throws RateLimitedError if the API reports a rate limit again: then it is a real one
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

/** The failure of an item that the API refuses while it answers for others. */
export function refusedAlone(stream: string, { status, requestId }: RateLimitedError): Failure {
  const message = `${stream}: the API answered ${status} for this row again and again, although each wait that it asked for was kept, and answers for others. If this lasts, report it to the vendor.`;
  return { code: refusedAloneCode, message, requestId };
}
