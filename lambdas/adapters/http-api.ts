import { setTimeout as wait } from 'node:timers/promises';
import type { SentRequests } from '../contract/run.ts';
import { RequestRefusedError, UnauthorizedError } from '../core/errors.ts';
import type { Api, ApiAnswer, Clock, Log, Metrics } from '../core/ports.ts';
import type { RateLimiter } from '../core/api/rate-limiter.ts';
import {
  fetchWithRetries,
  type RequestContext,
  type RetryingFetchOptions,
  type TimedAnswer,
} from './retrying-fetch.ts';
import { type HttpRequest, sendRequest, type SendRequest } from './send-request.ts';

/** Reads the API key. `fresh` bypasses all caches, for use after the key was refused. */
export type ApiKeySource = (fresh: boolean) => Promise<string>;

export interface HttpApiOptions {
  /** Ends in `/api/public/v1`. */
  readonly baseUrl: string;
  readonly apiKey: ApiKeySource;
  /** Shared by all tasks of a process. */
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly log: Log;
  /** Counts refused answers. */
  readonly metrics: Metrics;
  /** Remembers a refused key; shared by all tasks of a process. @default one for this API alone */
  readonly refusals?: KeyRefusals;
  /** Gives numbers in [0, 1). @default Math.random */
  readonly random?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** Time for one request, including the body; shorter if the deadline is near. @default 30 s */
  readonly requestTimeoutMilliseconds?: number;
  /** A larger answer is not read to its end. @default 40 MiB */
  readonly maxBodyBytes?: number;
  /** @default Node's HTTP client */
  readonly send?: SendRequest;
}

/** A refused key is not tried for this long. Then it is tried again: the vendor may have refused it by mistake. */
const refusalMilliseconds = 60_000;

/** The key that was refused last. Requests that are about to be sent with it fail without being sent. */
export class KeyRefusals {
  #last: { readonly key: string; readonly error: UnauthorizedError; readonly until: number } | undefined;

  of(key: string, now: Date): UnauthorizedError | undefined {
    return this.#last?.key === key && now.getTime() < this.#last.until ? this.#last.error : undefined;
  }

  remember(key: string, error: UnauthorizedError, now: Date): void {
    // The error may come from `of`, without a new request. Then it must not lengthen the pause.
    if (this.#last?.error !== error) this.#last = { key, error, until: now.getTime() + refusalMilliseconds };
  }
}

/** What all requests to the API share: key, headers, limits, counts. */
export interface Transport {
  /**
   * Sends a request under the retry policy, with the cached key. If that key is refused and the secret now holds
   * another, sends it again with the new key.
   * @throws PipelineError
   */
  send(request: HttpRequest, context: RequestContext): Promise<TimedAnswer>;
  readonly counts: SentRequests;
}

const userAgent = 'prospect-lake/0.1';
const defaultTimeoutMilliseconds = 30_000;
/**
 * A page of this size takes up to 375 of the function's 512 MiB until it is stored: see
 * test/long/core/extract/page-memory.test.ts.
 */
const defaultMaxBodyBytes = 40 * 1024 * 1024;

export function createTransport(options: HttpApiOptions): Transport {
  const counts: SentRequests = { requests: 0, retries: 0 };
  const retrying: RetryingFetchOptions = {
    limiter: options.limiter,
    clock: options.clock,
    log: options.log,
    metrics: options.metrics,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? (async (milliseconds) => wait(milliseconds)),
    requestTimeoutMilliseconds: options.requestTimeoutMilliseconds ?? defaultTimeoutMilliseconds,
    maxBodyBytes: options.maxBodyBytes ?? defaultMaxBodyBytes,
    send: options.send ?? sendRequest,
  };
  const { refusals = new KeyRefusals() } = options;
  return {
    counts,
    async send(request, context) {
      const send = async (key: string) => {
        // Checked right before sending: another request may have been refused in the meantime.
        const make = () => {
          const refused = refusals.of(key, options.clock.now());
          if (refused) throw refused;
          return authorized(request, key, context.name);
        };
        try {
          return await fetchWithRetries(make, context, retrying, counts);
        } catch (error) {
          if (error instanceof UnauthorizedError) refusals.remember(key, error, options.clock.now());
          throw error;
        }
      };
      const key = await options.apiKey(false);
      try {
        return await send(key);
      } catch (error) {
        const rotated = error instanceof UnauthorizedError ? await options.apiKey(true) : key;
        if (rotated === key) throw error;
        return send(rotated);
      }
    },
  };
}

function authorized(request: HttpRequest, key: string, stream: string): HttpRequest {
  // Checked here because the error of Node would quote the key.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new UnauthorizedError(
      `${stream}: the API key holds invalid characters. Put a valid key, and nothing else, into the secret of this workspace and run again.`,
      { stream },
    );
  }
  const own = { authorization: `Bearer ${key}`, accept: 'application/json', 'user-agent': userAgent };
  return { ...request, headers: { ...request.headers, ...own } };
}

/**
 * A path of the API's OpenAPI document with its parameters filled in.
 * @throws RequestRefusedError if a value is missing, or would lead to another path
 */
export function fillPath(path: string, values: Readonly<Record<string, unknown>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (typeof value !== 'string' || ['', '.', '..'].includes(value) || !value.isWellFormed())
      throw new RequestRefusedError(
        `${path}: the ${name} of a row cannot be part of an address, so the row is not asked for.`,
      );
    return encodeURIComponent(value);
  });
}

/** The base URL without slashes at its end: it may be given with or without. */
export const withoutSlash = (baseUrl: string): string => baseUrl.replace(/\/+$/, '');

/** The API as the pipeline reads it: bodies are returned unchanged. For errors, see {@link Api}. */
export function createHttpApi(options: HttpApiOptions): Api {
  const transport = createTransport(options);
  return {
    counts: transport.counts,
    async get(path, { path: values = {}, query = {} }, { stream, scope, deadline, maxBytes }): Promise<ApiAnswer> {
      const url = new URL(withoutSlash(options.baseUrl) + fillPath(path, values));
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
      const context = { name: stream, scope, path, deadline, maxBytes, repeatable: true };
      const { body, requestId, askedAt } = await transport.send({ url: url.href, method: 'GET', headers: {} }, context);
      return { body, requestId, askedAt, receivedAt: options.clock.now() };
    },
  };
}
