/** The interface through which the doctor asks the API, and its implementation over HTTP. */

import { setTimeout as wait } from 'node:timers/promises';
import { exchange, type ExchangeResult } from '../../lambdas/adapters/exchange.ts';
import { sendRequest } from '../../lambdas/adapters/send-request.ts';
import { type RequestBudget, requestBudget } from '../../lambdas/core/api/rate-headers.ts';
import { createRateLimiter } from '../../lambdas/core/api/rate-limiter.ts';
import { type Fault, ruleFor } from '../../lambdas/core/api/answer-rules.ts';
import { backoffMilliseconds, rateLimitSeconds } from '../../lambdas/core/api/retry-policy.ts';
import { decodeUtf8 } from '../../lambdas/core/rows/charsets.ts';

/** An answer, or why there is none. */
export interface Asked {
  /** Undefined if no answer came. */
  readonly status?: number;
  /** Set if no answer came, or if its body does not fit its status. */
  readonly fault?: Fault;
  /** Why no answer came. */
  readonly cause?: unknown;
  /** The body; undefined if it is not JSON. */
  readonly json?: unknown;
  /** Whether the answer has a success status and a JSON body. */
  readonly isGood: boolean;
}

export interface Api {
  /**
   * Asks for a path below the base URL. Never throws.
   * @param path with its parameters filled in
   */
  ask(path: string, query?: Readonly<Record<string, string>>): Promise<Asked>;
  /** How fast the API answered so far, and the rate limits that it reported. */
  readonly seen: Seen;
}

export interface Seen {
  requests: number;
  /** Milliseconds of each request that was answered. */
  readonly milliseconds: number[];
  /** The API's own limit, according to the newest answer that reported one. */
  budget?: RequestBudget;
  /** Number of answers that reported a rate limit. */
  limited: number;
}

export interface ApiOptions {
  readonly baseUrl: string;
  readonly key: string;
  readonly requestsPerMinute: number;
  /** Most requests to make. Further ones fail as if there were no connection. */
  readonly mostRequests: number;
  /** @param seconds how long the next request waits because the API asked for it */
  readonly onWait?: (seconds: number) => void;
  /** Is called before a path is asked again that was not answered in time. */
  readonly onTimeout?: (path: string, seconds: number) => void;
  /** How long a request may take. @default 30 s */
  readonly timeoutMilliseconds?: number;
}

const maxRetries = 2;
const defaultTimeoutMilliseconds = 30_000;
const maxBodyBytes = 40 * 1024 * 1024;
/** If the API asks for a longer wait, the request is not tried again. */
const longestWaitSeconds = 90;
const forever = Number.MAX_SAFE_INTEGER;

export function createApi(options: ApiOptions): Api {
  const { baseUrl, key, requestsPerMinute, mostRequests, onWait, onTimeout } = options;
  const { timeoutMilliseconds = defaultTimeoutMilliseconds } = options;
  const limiter = createRateLimiter(requestsPerMinute);
  const seen: Seen = { requests: 0, milliseconds: [], limited: 0 };

  const send = async (url: URL): Promise<ExchangeResult> => {
    await wait(limiter.take(Date.now(), forever).waitMilliseconds);
    seen.requests += 1;
    const headers = {
      authorization: `Bearer ${key}`,
      accept: 'application/json',
      'user-agent': 'prospect-lake/doctor',
    };
    const startedAt = performance.now();
    const result = await exchange(
      { url: url.href, method: 'GET', headers },
      { timeoutMilliseconds, maxBodyBytes },
      sendRequest,
    );
    if (!result.answer) return result;
    seen.milliseconds.push(performance.now() - startedAt);
    const budget = requestBudget(result.answer.headers, new Date());
    if (budget) {
      seen.budget = budget;
      limiter.reportBudget(budget);
    }
    return result;
  };

  return {
    seen,
    async ask(path, query = {}) {
      const url = new URL(baseUrl + path);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      if (seen.requests >= mostRequests) return { isGood: false, cause: new BudgetSpentError() };
      for (let attempt = 0; ; attempt += 1) {
        const result = await send(url);
        const { action } = ruleFor(result.fault ?? result.answer?.status ?? 'unreachable');
        if (action.kind === 'rate-limited') seen.limited += 1;
        const mayRetry = attempt < maxRetries && seen.requests < mostRequests;
        const seconds = mayRetry ? secondsBeforeRetry(action.kind, result, attempt) : undefined;
        if (seconds === undefined) return askedOf(result);
        if (result.fault === 'timed-out') onTimeout?.(path, timeoutMilliseconds / 1_000);
        if (seconds > 2) onWait?.(Math.round(seconds));
        await wait(seconds * 1_000);
      }
    },
  };
}

/** The doctor has made as many requests as it may. */
export class BudgetSpentError extends Error {}

/** Seconds to wait before a request is tried again. @returns undefined if another try is of no use */
function secondsBeforeRetry(kind: string, { answer, fault }: ExchangeResult, attempt: number): number | undefined {
  if (kind === 'rate-limited') {
    const asked = rateLimitSeconds(answer?.headers.get('retry-after') ?? null, attempt, new Date(), Math.random());
    return asked > longestWaitSeconds ? undefined : asked;
  }
  // A host name that is not found, or a certificate that is not trusted, will not change within seconds.
  if (kind !== 'retry' || fault === 'unreachable' || fault === 'untrusted' || fault === 'html') return undefined;
  return backoffMilliseconds(attempt, Math.random()) / 1_000;
}

function askedOf({ answer, fault, cause }: ExchangeResult): Asked {
  const failed = { ...(fault === undefined ? {} : { fault }), ...(cause === undefined ? {} : { cause }) };
  if (!answer) return { ...failed, isGood: false };
  const json = parsed(decodeUtf8(answer.body).text);
  const isGood = fault === undefined && answer.status >= 200 && answer.status < 300 && json !== undefined;
  return { ...failed, status: answer.status, json, isGood };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
