import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { close, listen } from '../run/listening.ts';
import { IdempotentAnswers } from './idempotency.ts';
import { basePath, type Operation } from './operations.ts';
import type { SimulatorSettings } from './options.ts';
import type { Body } from './paging.ts';
import { notFound, Problem } from './problem.ts';
import { bodyOf, parsedJson } from './request-body.ts';
import type { RequestLog } from './request-log.ts';
import { RollingLimit } from './rolling-limit.ts';
import { type Match, Router } from './router.ts';
import type { Context, Routes } from './routes/route.ts';

/** Longer than any client of ours keeps a connection, so that none is closed under a request. */
const keepAliveMilliseconds = 120_000;

export interface ServerParts {
  readonly operations: readonly Operation[];
  /** By operation id; each of the contract's must be there. */
  readonly routes: Routes;
  readonly context: Pick<Context, 'workspace' | 'exports' | 'webhooks'>;
  readonly settings: () => SimulatorSettings;
  readonly log: RequestLog;
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
  readonly operation: string | null;
}

/** The HTTP side: key, scope and limit of each request, its operation, and its `request_id`. */
export class ApiServer {
  readonly #parts: ServerParts;
  readonly #router: Router;
  readonly #limit = new RollingLimit();
  readonly #writes = new IdempotentAnswers();
  readonly #server: Server;
  readonly #idPrefix = randomBytes(5).toString('hex');
  #requests = 0;

  constructor(parts: ServerParts) {
    const missing = parts.operations.filter(({ id }) => !Object.hasOwn(parts.routes, id));
    if (missing.length > 0) throw new Error(`No route answers ${missing.map(({ id }) => id).join(', ')}.`);
    this.#parts = parts;
    this.#router = new Router(parts.operations);
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.keepAliveTimeout = keepAliveMilliseconds;
  }

  /** @returns the port */
  listen(port: number): Promise<number> {
    return listen(this.#server, port);
  }

  close(): Promise<void> {
    return close(this.#server);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const began = performance.now();
    const requestId = `req_${this.#idPrefix}${(++this.#requests).toString(36).padStart(7, '0')}`;
    const [path = '', search = ''] = (request.url ?? '').split('?', 2);
    const { latencyMilliseconds, jitterMilliseconds } = this.#parts.settings();
    if (latencyMilliseconds + jitterMilliseconds > 0)
      await wait(latencyMilliseconds + Math.random() * jitterMilliseconds);
    const { status, body, headers, operation } = await this.#answer(request, path, search);
    const text = JSON.stringify({ ...body, request_id: requestId });
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'x-request-id': requestId,
      ...headers,
    });
    response.end(text);
    this.#parts.log.add({
      operation,
      method: request.method ?? '',
      path: path.startsWith(basePath) ? path.slice(basePath.length) : path,
      query: search,
      status,
      requestId,
      at,
      durationMilliseconds: performance.now() - began,
    });
  }

  async #answer(request: IncomingMessage, path: string, search: string): Promise<Answer> {
    let operation: Operation | undefined;
    try {
      // Read in any case, or the connection could not be used again.
      const text = request.method === 'GET' ? '' : await bodyOf(request);
      this.#admit(request);
      const match = this.#match(request.method ?? '', path);
      operation = match.operation;
      this.#permit(operation);
      return {
        status: 200,
        body: await this.#run(request, match, path, search, text),
        headers: {},
        operation: operation.id,
      };
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

  #admit(request: IncomingMessage): void {
    const { apiKey, requestsPerMinute, rateWindowMilliseconds, retryAfter } = this.#parts.settings();
    if (request.headers.authorization !== `Bearer ${apiKey}`) {
      throw new Problem(401, 'unauthorized', 'The bearer key is missing, malformed, revoked or expired.');
    }
    const milliseconds = this.#limit.take(requestsPerMinute, rateWindowMilliseconds, performance.now());
    if (milliseconds <= 0) return;
    const headers = retryAfter ? { 'retry-after': String(Math.ceil(milliseconds / 1_000)) } : undefined;
    throw new Problem(
      429,
      'rate_limited',
      'The key exceeded its limit of requests per minute.',
      headers ? { headers } : {},
    );
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
    request: IncomingMessage,
    { operation, parameters }: Match,
    fullPath: string,
    search: string,
    text: string,
  ): Promise<Body> {
    const route = this.#parts.routes[operation.id];
    if (!route) throw notFound('operation');
    const path = fullPath.slice(basePath.length);
    const settings = this.#parts.settings();
    const context = {
      ...this.#parts.context,
      settings,
      operation,
      path,
      parameters,
      query: new URLSearchParams(search),
    };
    if (operation.method === 'GET') return route({ ...context, body: undefined });
    const key = request.headers['idempotency-key'];
    const work = async () => route({ ...context, body: parsedJson(text) });
    return this.#writes.once(typeof key === 'string' ? key : undefined, `${operation.method} ${path}`, text, work);
  }
}
