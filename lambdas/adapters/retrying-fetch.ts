/** Sends requests under the retry policy. The typed client and the reads of the pipeline share this code. */

import { refusalMetric } from '../contract/metrics.ts';
import { retryMessages } from '../contract/retry-log.ts';
import type { SentRequests } from '../contract/run.ts';
import { type PipelineError, RateLimitedError } from '../core/errors.ts';
import type { Clock, Deadline, Log, Metrics } from '../core/ports.ts';
import type { RateLimiter } from '../core/api/rate-limiter.ts';
import { requestBudget, theirNow } from '../core/api/rate-headers.ts';
import { isHtml } from '../core/api/answer-fault.ts';
import { type Action, ruleFor } from '../core/api/answer-rules.ts';
import { rateLimitSeconds, reserveMilliseconds, retryWait } from '../core/api/retry-policy.ts';
import { type Answer, exchange, type ExchangeResult } from './exchange.ts';
import type { HttpRequest, SendRequest } from './send-request.ts';

export interface RetryingFetchOptions {
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  /** Gives numbers in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly requestTimeoutMilliseconds: number;
  readonly maxBodyBytes: number;
  readonly send: SendRequest;
}

export interface RequestContext {
  /** Name of the stream or operation, for errors. */
  readonly name: string;
  /** Scope that the API key needs for this request. Undefined if the API documents none. */
  readonly scope: string | undefined;
  /** Path without ids, such as `/leads/{lead_id}`, for errors. Undefined if the name contains it. */
  readonly path?: string;
  readonly deadline: Deadline;
  /** A larger answer is refused. @default the maximum in the options */
  readonly maxBytes?: number | undefined;
  /** Whether the request may be sent twice: a read, or a write that can be repeated. */
  readonly repeatable: boolean;
}

export interface TimedAnswer extends Answer {
  /** When the request that succeeded was sent. */
  readonly askedAt: Date;
}

/** Time reserved at the end of an invocation to store the answer. The rest is for the request. */
const landingMilliseconds = 10_000;
const shortestTimeoutMilliseconds = 1_000;

/**
 * Sends a request, and retries it as the retry policy says.
 * @throws PipelineError of the class that the policy names; its message quotes nothing from the answer's body
 */
export async function fetchWithRetries(
  request: () => HttpRequest,
  context: RequestContext,
  options: RetryingFetchOptions,
  counts: SentRequests,
): Promise<TimedAnswer> {
  let refusedWith: number | undefined;
  for (let attempt = 0; ; attempt += 1) {
    await awaitTurn(context, options, refusedWith);
    const made = request();
    counts.requests += 1;
    if (attempt > 0) counts.retries += 1;
    const limits = {
      timeoutMilliseconds: timeoutMilliseconds(context, options),
      maxBodyBytes: Math.min(options.maxBodyBytes, context.maxBytes ?? Number.POSITIVE_INFINITY),
    };
    const askedAt = options.clock.now();
    const exchanged = await exchange(made, limits, options.send);
    const took = options.clock.now().getTime() - askedAt.getTime();
    const outcome = judge(exchanged, { attempt, took, url: made.url, counts }, context, options);
    if ('answer' in outcome) return { ...outcome.answer, askedAt };
    const { error, action } = outcome;
    refusedWith = error.status;
    const remainingMilliseconds = context.deadline.remainingMilliseconds();
    const wait = context.repeatable
      ? retryWait({ error, action, attempt, remainingMilliseconds }, options.random())
      : undefined;
    if (wait === undefined) throw error;
    const { code, status, requestId } = error;
    options.log.info(retryMessages.request, {
      stream: context.name,
      attempt: attempt + 1,
      wait,
      code,
      status,
      requestId,
      reason: error.message,
    });
    await options.sleep(wait);
  }
}

/**
 * Waits until the rate limiter allows the request.
 * @param refusedWith the status with which the request was refused before; undefined if it was not sent yet
 * @throws RateLimitedError if this invocation ends before the limiter would allow it
 */
async function awaitTurn(
  context: RequestContext,
  options: RetryingFetchOptions,
  refusedWith: number | undefined,
): Promise<void> {
  const longest = Math.max(0, context.deadline.remainingMilliseconds() - reserveMilliseconds);
  const now = options.clock.now();
  const { granted, waitMilliseconds, isHeld } = options.limiter.take(now.getTime(), longest);
  if (!granted) {
    const reason = isHeld
      ? 'the API has asked to wait.'
      : 'the requests of this function are used up for now. Raise requestsPerMinute if the API allows more.';
    throw new RateLimitedError(`${context.name}: ${reason}`, {
      stream: context.name,
      ...(refusedWith === undefined ? {} : { status: refusedWith }),
      retryAfterSeconds: waitMilliseconds / 1_000,
      now,
    });
  }
  if (waitMilliseconds > 0) await options.sleep(waitMilliseconds);
}

function timeoutMilliseconds({ deadline }: RequestContext, options: RetryingFetchOptions): number {
  const left = Math.max(shortestTimeoutMilliseconds, deadline.remainingMilliseconds() - landingMilliseconds);
  return Math.min(options.requestTimeoutMilliseconds, left);
}

type Outcome = { readonly answer: Answer } | { readonly error: PipelineError; readonly action: Action };

function judge(
  exchanged: ExchangeResult,
  {
    attempt,
    took,
    url,
    counts,
  }: { readonly attempt: number; readonly took: number; readonly url: string; readonly counts: SentRequests },
  context: RequestContext,
  options: RetryingFetchOptions,
): Outcome {
  const { answer, fault, cause } = exchanged;
  const facts = { ...context, isHtml: answer && isHtml(answer.body, answer.headers) };
  const { action, advice } = ruleFor(fault ?? answer.status, facts);
  const budget = answer && requestBudget(answer.headers, options.clock.now());
  if (budget) options.limiter.reportBudget(budget);
  const metric = answer && refusalMetric(fault === 'quota' ? 429 : answer.status);
  if (metric !== undefined) options.metrics.count(metric, 1);
  const details = {
    stream: context.name,
    requestId: answer?.requestId ?? null,
    ...(answer ? { status: answer.status } : {}),
    cause,
  };
  switch (action.kind) {
    case 'accept':
      if (!answer) throw new TypeError(`The rule of the fault ${fault} accepts it.`);
      options.limiter.reportSuccess(took);
      return { answer };
    case 'rate-limited': {
      const now = options.clock.now();
      const refusals = Math.max(attempt, options.limiter.refusals);
      const theirs = answer ? theirNow(answer.headers, now) : now;
      const retryAfterSeconds = rateLimitSeconds(askedWait(answer, now), refusals, theirs, options.random());
      const error = new RateLimitedError(messageOf(exchanged, url, advice, context), {
        ...details,
        retryAfterSeconds,
        now,
      });
      // An outage may concern only one path of the API. So only this request waits: the limiter does not hold others.
      if (!error.isOutage) {
        const { answers, milliseconds } = counts.limited ?? { answers: 0, milliseconds: 0 };
        const held = options.limiter.reportLimit(now.getTime(), error.until.getTime());
        counts.limited = { answers: answers + 1, milliseconds: milliseconds + Math.round(held) };
      }
      return { error, action };
    }
    default:
      return { error: new action.error(messageOf(exchanged, url, advice, context), details), action };
  }
}

/** The answer's `Retry-After`; without one, the time until a used-up rate limit is full again. */
function askedWait(answer: Answer | undefined, now: Date): string | null {
  const retryAfter = answer?.headers.get('retry-after') ?? null;
  if (retryAfter !== null || !answer) return retryAfter;
  const budget = requestBudget(answer.headers, now);
  return budget?.remaining === 0 ? String((budget.resetAt - now.getTime()) / 1_000) : null;
}

function messageOf({ answer, fault }: ExchangeResult, url: string, advice: string, { name }: RequestContext): string {
  const happened = fault === undefined ? `the API answered ${answer?.status}. ` : '';
  // Without the path: it may be a presigned address.
  const where = fault === 'unreachable' ? ` The address is ${new URL(url).origin}.` : '';
  return `${name}: ${happened}${advice}${where}`;
}
