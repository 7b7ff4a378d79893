import { setTimeout as sleep } from 'node:timers/promises';
import { UnauthorizedError } from '../core/errors.ts';
import type { Api, ApiAnswer, Clock, Log } from '../core/ports.ts';
import type { RateLimiter } from '../core/rate-limiter.ts';
import {
  type Answer,
  type Counts,
  fetchWithRetries,
  type RequestContext,
  type RetryingFetchOptions,
} from './retrying-fetch.ts';

/** The key; asked for anew, past any cache, when the one in use was refused. */
export type ApiKeySource = (fresh: boolean) => Promise<string>;

export interface HttpApiOptions {
  /** Ends in `/api/public/v1`. */
  readonly baseUrl: string;
  readonly apiKey: ApiKeySource;
  /** Shared by every task of a process. */
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly requestTimeoutMilliseconds?: number;
  readonly maxBodyBytes?: number;
}

const userAgent = 'prospect-lake/0.1';
const defaultTimeoutMilliseconds = 30_000;
const defaultMaxBodyBytes = 64 * 1024 * 1024;

export function retryingFetchOptions(options: HttpApiOptions): RetryingFetchOptions {
  return {
    limiter: options.limiter,
    clock: options.clock,
    log: options.log,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? (async (milliseconds) => (milliseconds > 0 ? sleep(milliseconds) : undefined)),
    requestTimeoutMilliseconds: options.requestTimeoutMilliseconds ?? defaultTimeoutMilliseconds,
    maxBodyBytes: options.maxBodyBytes ?? defaultMaxBodyBytes,
  };
}

/** Makes a request with the key in use; where that is refused and the secret holds another by now, with that. */
export async function withCurrentKey(apiKey: ApiKeySource, make: (key: string) => Promise<Answer>): Promise<Answer> {
  const key = await apiKey(false);
  try {
    return await make(key);
  } catch (error) {
    const rotated = error instanceof UnauthorizedError ? await apiKey(true) : key;
    if (rotated === key) throw error;
    return make(rotated);
  }
}

export function requestHeaders(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}`, accept: 'application/json', 'user-agent': userAgent };
}

/** The API as the pipeline reads it. See the port for its errors. */
export function createHttpApi(options: HttpApiOptions): Api {
  const counts: Counts = { requests: 0, retries: 0 };
  const retrying = retryingFetchOptions(options);
  return {
    counts,
    async get(path, parameters, { stream, scope, deadline }): Promise<ApiAnswer> {
      const url = urlOf(options.baseUrl, path, parameters);
      const context: RequestContext = { name: stream, scope, deadline, repeatable: true };
      const answer = await withCurrentKey(options.apiKey, (key) =>
        fetchWithRetries(() => new Request(url, { headers: requestHeaders(key) }), context, retrying, counts),
      );
      return { text: answer.text, requestId: answer.requestId, receivedAt: options.clock.now() };
    },
  };
}

function urlOf(baseUrl: string, path: string, { path: values = {}, query = {} }: Parameters<Api['get']>[1]): URL {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const url = new URL(`${baseUrl}${filled}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url;
}
