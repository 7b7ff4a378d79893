import type { SentRequests } from '../../lambdas/contract/run.ts';
import { byteText } from '../../lambdas/core/rows/charsets.ts';
import type { Api, ApiAnswer, Clock } from '../../lambdas/core/ports.ts';

export interface FakeRequest {
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | number>>;
}

/** Answers a request: returns the body of the answer, or throws as the real API port does. */
export type FakeRoute = (request: FakeRequest) => unknown;

/** An API whose paths are answered by the test's functions. */
export class FakeApi implements Api {
  counts: SentRequests = { requests: 0, retries: 0 };
  readonly requests: FakeRequest[] = [];
  readonly #routes: Readonly<Record<string, FakeRoute>>;
  readonly #clock: Clock;

  constructor(routes: Readonly<Record<string, FakeRoute>>, clock: Clock) {
    this.#routes = routes;
    this.#clock = clock;
  }

  async get(path: string, parameters: Parameters<Api['get']>[1]): Promise<ApiAnswer> {
    const request = { path, pathParameters: parameters.path ?? {}, query: parameters.query ?? {} };
    this.counts.requests += 1;
    this.requests.push(request);
    const route = this.#routes[path];
    if (!route) throw new Error(`The test has no answer for ${path}.`);
    const requestId = `req_${this.requests.length}`;
    const askedAt = this.#clock.now();
    const body = route(request);
    const text = typeof body === 'string' ? body : JSON.stringify({ ...(body as object), request_id: requestId });
    return { body: byteText(Buffer.from(text)), requestId, askedAt, receivedAt: this.#clock.now() };
  }
}

/** A page of rows, as the API wraps it. */
export function page(data: readonly unknown[], nextCursor: string | null = null, hasMore = nextCursor !== null) {
  return { data, pagination: { next_cursor: nextCursor, has_more: hasMore } };
}
