/** How long to wait before a request is repeated. Which answers allow that, `answer-rules.ts` says. */

import { type PipelineError, RateLimitedError } from '../errors.ts';
import type { Action } from './answer-rules.ts';

/** How often a request is retried before its error is thrown. */
export const maxRetries = 4;
const baseMilliseconds = 250;
const longestMilliseconds = 8_000;
const longestRetryAfterSeconds = 3_600;
/** First wait if a rate limit does not ask for one. It doubles with each attempt. */
const rateLimitBaseSeconds = 1;
/** Waits up to this long, plus jitter, are slept in place. Longer waits become a delayed message. */
export const longestSleepSeconds = 10;
/** Minimum time left in an invocation after a wait: enough for a request and for storing what it returns. */
export const reserveMilliseconds = 25_000;

/**
 * Wait before a retry: exponential backoff with full jitter.
 * @param attempt 0 for the first request
 * @param random in [0, 1)
 */
export function backoffMilliseconds(attempt: number, random: number): number {
  return Math.round(random * Math.min(longestMilliseconds, baseMilliseconds * 2 ** attempt));
}

/**
 * Seconds to wait after a rate limit: at most an hour, plus less than a second of jitter.
 * @param retryAfter the header: seconds, or an HTTP date. Anything else counts as absent. So does `0` or a past date,
 * which would make the pipeline ask a refusing API again and again without a pause.
 * @param attempt 0 for the first request
 * @param now by the clock that wrote the header
 * @param random in [0, 1): spreads the callers that wait
 */
export function rateLimitSeconds(retryAfter: string | null, attempt: number, now: Date, random: number): number {
  const asked = parseRetryAfter(retryAfter, now);
  if (asked !== undefined && asked > 0) return Math.min(longestRetryAfterSeconds, asked) + random;
  return rateLimitBaseSeconds * 2 ** Math.min(attempt, 6) * (0.5 + random / 2);
}

/**
 * Start of an HTTP date: each of its three forms begins with the weekday. Date.parse alone would accept `-5` as a date.
 */
const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

function parseRetryAfter(text: string | null, now: Date): number | undefined {
  const value = text?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  const date = httpDate.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now.getTime()) / 1_000);
}

interface Failed {
  readonly error: PipelineError;
  readonly action: Action;
  /** 0 for the first request. */
  readonly attempt: number;
  /** Time left in the invocation. */
  readonly remainingMilliseconds: number;
}

/**
 * How long to wait before a failed request is retried.
 * @param random in [0, 1)
 * @returns milliseconds; undefined if the request is not retried and its error is thrown
 */
export function retryWait(
  { error, action, attempt, remainingMilliseconds }: Failed,
  random: number,
): number | undefined {
  if (action.kind === 'accept' || action.kind === 'fail' || attempt >= maxRetries) return undefined;
  const isLimit = error instanceof RateLimitedError;
  // One second is added because `retryAfterSeconds` includes jitter of less than a second.
  if (isLimit && error.retryAfterSeconds >= longestSleepSeconds + 1) return undefined;
  const wait = isLimit ? Math.ceil(error.retryAfterSeconds * 1_000) : backoffMilliseconds(attempt, random);
  return remainingMilliseconds - wait > reserveMilliseconds ? wait : undefined;
}
