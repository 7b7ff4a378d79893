import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { close, listen } from '../run/listening.ts';
import type { ApiAnswer, SimulatedApi } from './api.ts';
import { encoded } from './encoding.ts';
import { basePath } from './operations.ts';
import type { SimulatorSettings } from './options.ts';
import { Problem } from './problem.ts';
import { bodyOf } from './request-body.ts';
import type { RequestLog } from './request-log.ts';

/** Longer than the pipeline's clients keep a connection open, so the server closes none during a request. */
const keepAliveMilliseconds = 120_000;

export interface ServerParts {
  readonly api: SimulatedApi;
  readonly settings: () => SimulatorSettings;
  readonly log: RequestLog;
}

/** The API behind a socket: adds latency, `request_id`, charset and request log. */
export class ApiServer {
  readonly #parts: ServerParts;
  readonly #server: Server;
  readonly #idPrefix = randomBytes(5).toString('hex');
  #requests = 0;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.keepAliveTimeout = keepAliveMilliseconds;
  }

  /** Starts the server on 127.0.0.1. @returns the port */
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
    const { latencyMilliseconds, jitterMilliseconds, charset } = this.#parts.settings();
    if (latencyMilliseconds + jitterMilliseconds > 0)
      await wait(latencyMilliseconds + Math.random() * jitterMilliseconds);
    const { status, body, headers, operation } = await this.#answer(request, path, search);
    const bytes = encoded(JSON.stringify({ ...body, request_id: requestId }), charset);
    response.writeHead(status, {
      'content-type': `application/json; charset=${charset}`,
      'content-length': bytes.byteLength,
      'x-request-id': requestId,
      ...headers,
    });
    response.end(bytes);
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

  async #answer(request: IncomingMessage, path: string, search: string): Promise<ApiAnswer> {
    const { method = '', headers } = request;
    const key = headers['idempotency-key'];
    try {
      // The body is read even if the request is refused; otherwise the connection could not be reused.
      const body = method === 'GET' ? '' : await bodyOf(request);
      const { authorization } = headers;
      return await this.#parts.api.answer({
        method,
        path,
        search,
        body,
        authorization,
        idempotencyKey: typeof key === 'string' ? key : undefined,
      });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const { status, code, message, headers } = error;
      return { status, body: { error: { code, message } }, headers, operation: null };
    }
  }
}
