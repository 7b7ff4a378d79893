import { setTimeout as wait } from 'node:timers/promises';
import { RequestRefusedError, UnauthorizedError } from '../core/errors.ts';
import type { Api, ApiAnswer, Clock, Log, Metrics } from '../core/ports.ts';
import type { RateLimiter } from '../core/api/rate-limiter.ts';
import type { Fetch } from './exchange.ts';
import {
  type Counts,
  fetchWithRetries,
  type RequestContext,
  type RetryingFetchOptions,
  type TimedAnswer,
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
  /** Counts the answers that were refused. */
  readonly metrics: Metrics;
  /** Shared by every task of a process. @default its own */
  readonly refusals?: KeyRefusals;
  /** In [0, 1). @default Math.random */
  readonly random?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** For one request, body included; less where the deadline is near. @default 30 s */
  readonly requestTimeoutMilliseconds?: number;
  /** A larger answer is not read to its end. @default 40 MiB */
  readonly maxBodyBytes?: number;
  /** @default that of the platform */
  readonly fetch?: Fetch;
}

/** For so long a key that was refused is not tried again; a process may live longer than a vendor's mistake. */
const refusalMilliseconds = 60_000;

/** The key that was refused last: other requests that are about to be sent need not be refused as well. */
export class KeyRefusals {
  #last: { readonly key: string; readonly error: UnauthorizedError; readonly until: number } | undefined;

  of(key: string, now: Date): UnauthorizedError | undefined {
    return this.#last?.key === key && now.getTime() < this.#last.until ? this.#last.error : undefined;
  }

  remember(key: string, error: UnauthorizedError, now: Date): void {
    // One that was thrown because of an earlier refusal is none of its own.
    if (this.#last?.error !== error) this.#last = { key, error, until: now.getTime() + refusalMilliseconds };
  }
}

/** What all requests to the API have in common: the key, the headers, the limits, the counts. */
export interface Transport {
  /**
   * Sends a request as the retry policy says, with the key in use; where that is refused and the secret holds
   * another by now, with that.
   * @throws PipelineError
   */
  send(request: Request, context: RequestContext): Promise<TimedAnswer>;
  readonly counts: Counts;
}

const userAgent = 'prospect-lake/0.1';
const defaultTimeoutMilliseconds = 30_000;
/** A page of this size takes up to 375 of the function's 512 MiB until it is landed: see test/core/extract/page-memory.test.ts. */
const defaultMaxBodyBytes = 40 * 1024 * 1024;

export function createTransport(options: HttpApiOptions): Transport {
  const counts: Counts = { requests: 0, retries: 0 };
  const retrying: RetryingFetchOptions = {
    limiter: options.limiter,
    clock: options.clock,
    log: options.log,
    metrics: options.metrics,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? (async (milliseconds) => wait(milliseconds)),
    requestTimeoutMilliseconds: options.requestTimeoutMilliseconds ?? defaultTimeoutMilliseconds,
    maxBodyBytes: options.maxBodyBytes ?? defaultMaxBodyBytes,
    fetch: options.fetch ?? fetch,
  };
  const { refusals = new KeyRefusals() } = options;
  return {
    counts,
    async send(request, context) {
      const send = async (key: string) => {
        // Asked when its turn has come: another request may have been refused meanwhile.
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

/** A copy to be sent: the body of a request can be read but once. */
function authorized(request: Request, key: string, stream: string): Request {
  // The error that Headers throws for such a key quotes it.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new UnauthorizedError(
      `${stream}: the API key holds characters that no key has. Put a valid key, and nothing else, into the secret of this workspace and run again.`,
      { stream },
    );
  }
  const copy = request.clone();
  copy.headers.set('authorization', `Bearer ${key}`);
  copy.headers.set('accept', 'application/json');
  copy.headers.set('user-agent', userAgent);
  return copy;
}

/**
 * A path of the contract with its parameters filled in.
 * @throws RequestRefusedError where a value is missing, or would lead to another path
 */
export function fillPath(path: string, values: Readonly<Record<string, unknown>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (typeof value !== 'string' || ['', '.', '..'].includes(value) || !value.isWellFormed())
      throw new RequestRefusedError(
        `${path}: the ${name} of a row cannot stand in an address, so it is not asked for.`,
      );
    return encodeURIComponent(value);
  });
}

/** Base URLs are written with a slash at the end and without. */
export const withoutSlash = (baseUrl: string): string => baseUrl.replace(/\/+$/, '');

/** The API as the pipeline reads it, letter for letter. See the port for its errors. */
export function createHttpApi(options: HttpApiOptions): Api {
  const transport = createTransport(options);
  return {
    counts: transport.counts,
    async get(path, { path: values = {}, query = {} }, { stream, scope, deadline, maxBytes }): Promise<ApiAnswer> {
      const url = new URL(withoutSlash(options.baseUrl) + fillPath(path, values));
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
      const context = { name: stream, scope, deadline, maxBytes, repeatable: true };
      const { body, requestId, askedAt } = await transport.send(new Request(url), context);
      return { body, requestId, askedAt, receivedAt: options.clock.now() };
    },
  };
}
