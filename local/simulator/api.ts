import type { LoggedRequest } from './request-log.ts';
import { IdempotentAnswers } from './idempotency.ts';
import { basePath, type Operation } from './operations.ts';
import type { SimulatorSettings } from './options.ts';
import type { Body } from './paging.ts';
import { formatTimes } from './format-times.ts';
import { notFound, Problem } from './problem.ts';
import { parsedJson } from './request-body.ts';
import { RollingLimit } from './rolling-limit.ts';
import { type Match, Router } from './router.ts';
import type { Routes, Sources } from './routes/route.ts';

export interface ApiParts {
  readonly operations: readonly Operation[];
  /** Routes by operation id. Every operation of the API's OpenAPI document needs a route. */
  readonly routes: Routes;
  readonly sources: Sources;
  readonly settings: () => SimulatorSettings;
}

export interface ApiRequest {
  readonly method: string;
  /** Path as received: with the base path, without the query. */
  readonly path: string;
  readonly search: string;
  readonly authorization: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly body: string;
}

export interface ApiAnswer extends Pick<LoggedRequest, 'operation'> {
  readonly status: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
}

/** The API without a socket: checks the key, the rate limit and the scope of a request, and answers it. */
export class SimulatedApi {
  readonly #parts: ApiParts;
  readonly #router: Router;
  readonly #limit = new RollingLimit();
  readonly #writes = new IdempotentAnswers();

  constructor(parts: ApiParts) {
    const missing = parts.operations.filter(({ id }) => !Object.hasOwn(parts.routes, id));
    if (missing.length > 0) throw new Error(`No route answers ${missing.map(({ id }) => id).join(', ')}.`);
    this.#parts = parts;
    this.#router = new Router(parts.operations);
  }

  async answer(request: ApiRequest): Promise<ApiAnswer> {
    let operation: Operation | undefined;
    try {
      this.#admit(request.authorization);
      const match = this.#match(request.method, request.path);
      operation = match.operation;
      const body = await this.#run(match, request);
      return { status: 200, body, headers: {}, operation: operation.id };
    } catch (error) {
      const problem =
        error instanceof Problem ? error : new Problem(500, 'internal', `The simulator failed: ${String(error)}`);
      return {
        status: problem.status,
        body: { error: { code: problem.code, message: problem.message, ...problem.details } },
        headers: problem.headers,
        operation: operation?.id ?? null,
      };
    }
  }

  /**
   * Answers a GET without checking the key or the rate limit. The key's scopes still count.
   * @param path below the base path, with its parameters filled in
   * @throws Problem if the request is refused
   */
  read(path: string, query: URLSearchParams): Promise<Body> {
    const request = { method: 'GET', path: basePath + path, search: query.toString(), body: '' };
    return this.#run(this.#match('GET', request.path), request);
  }

  #admit(authorization: string | undefined): void {
    const settings = this.#parts.settings();
    if (authorization !== `Bearer ${settings.apiKey}`) {
      throw new Problem(401, 'unauthorized', 'The bearer key is missing, malformed, revoked or expired.');
    }
    const { requestsPerMinute, rateWindowMilliseconds, retryAfter, limitStatus } = settings;
    const now = this.#parts.sources.workspace.now();
    const milliseconds = this.#limit.take(requestsPerMinute, rateWindowMilliseconds, now);
    if (milliseconds <= 0) return;
    const headers = retryAfter ? { headers: { 'retry-after': String(Math.ceil(milliseconds / 1_000)) } } : {};
    const code = limitStatus === 403 ? 'quota_exceeded' : 'rate_limited';
    throw new Problem(limitStatus, code, 'The key exceeded its limit of requests per minute.', headers);
  }

  #match(method: string, path: string): Match {
    const match = path.startsWith(`${basePath}/`) ? this.#router.match(method, path.slice(basePath.length)) : undefined;
    if (!match) throw notFound('path');
    if ('operation' in match) return match;
    throw new Problem(405, 'method_not_allowed', `This path takes ${match.join(', ')}.`, {
      headers: { allow: match.join(', ') },
    });
  }

  #permit({ scope, method }: Operation): void {
    const { scopes, readOnly } = this.#parts.settings();
    if (!scopes.includes(scope)) {
      throw new Problem(403, 'missing_scope', `The key lacks the scope ${scope}.`, {
        details: { required_scope: scope },
      });
    }
    if (readOnly && method !== 'GET') throw new Problem(403, 'read_only', 'The member who made the key may only read.');
  }

  async #run(
    { operation, parameters }: Match,
    request: Pick<ApiRequest, 'path' | 'search' | 'body'> & { idempotencyKey?: string | undefined },
  ): Promise<Body> {
    this.#permit(operation);
    const route = this.#parts.routes[operation.id];
    if (!route) throw notFound('operation');
    const path = request.path.slice(basePath.length);
    const settings = this.#parts.settings();
    const query = new URLSearchParams(request.search);
    const context = { ...this.#parts.sources, settings, operation, path, parameters, query };
    if (operation.method === 'GET') return withFormattedTimes(await route({ ...context, body: undefined }), settings);
    const work = async () => route({ ...context, body: parsedJson(request.body) });
    const named = `${operation.method} ${path}`;
    return withFormattedTimes(await this.#writes.once(request.idempotencyKey, named, request.body, work), settings);
  }
}

function withFormattedTimes(body: Body, { timeForm }: SimulatorSettings): Body {
  if (timeForm === 'iso') return body;
  const { data, ...rest } = body;
  return { data: isList(data) ? data.map((row) => formatTimes(row, timeForm)) : formatTimes(data, timeForm), ...rest };
}

function isList(data: Body['data']): data is Extract<Body['data'], readonly unknown[]> {
  return Array.isArray(data);
}
