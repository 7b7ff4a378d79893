import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { close, listen } from '../../run/listening.ts';
import { UsageError } from '../../cli/usage-error.ts';
import type { ApiDefinition, RouteDefinition } from '../cloudformation/definitions.ts';
import { FunctionError, type LocalFunction } from '../lambda/functions.ts';
import { answerOf, eventOf, type HttpAnswer, jsonAnswer, matchRoute, targetOf } from './http-event.ts';
import { RequestBucket } from './request-bucket.ts';

/** API Gateway takes 10 MB, but Lambda an event of 6 MB only, in which a binary body grows by a third. */
const maxBodyBytes = 10_000_000;
const maxEventBytes = 6 * 1024 * 1024;
const maxHeaderBytes = 10_240;

const tooLarge = jsonAnswer(413, { message: 'Request Entity Too Large' });

/** One HTTP API on 127.0.0.1. It listens before its routes are known, since functions are told its address. */
export class HttpApi {
  readonly url: string;
  readonly #server: Server;
  #routes: ReadonlyMap<string, { route: RouteDefinition; target: LocalFunction; bucket: RequestBucket | undefined }> =
    new Map();
  #apiId = '';

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
    server.on('request', (request, response) => void this.#take(request, response));
  }

  /**
   * @param port 0: any that is free
   * @throws UsageError where the port cannot be had
   */
  static async listen(port: number): Promise<HttpApi> {
    const server = createServer({ maxHeaderSize: maxHeaderBytes });
    try {
      return new HttpApi(server, `http://127.0.0.1:${await listen(server, port)}`);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      throw new UsageError(`Port ${port} of 127.0.0.1 cannot be had (${code}). Choose another.`);
    }
  }

  /** @throws Error where a route leads to a function that is not in the assembly */
  serve({ apiId, routes }: ApiDefinition, functions: ReadonlyMap<string, LocalFunction>): void {
    this.#apiId = apiId;
    this.#routes = new Map(
      routes.map((route) => {
        const target = functions.get(route.functionArn);
        if (!target)
          throw new Error(
            `The route ${route.key} leads to ${route.functionArn}, which is no function of the assembly.`,
          );
        return [route.key, { route, target, bucket: route.throttle && new RequestBucket(route.throttle) }];
      }),
    );
  }

  async close(): Promise<void> {
    await close(this.#server);
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { status, headers, body } = await this.#answer(request);
      response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
    } catch (error) {
      // A client that went away in the middle of its request is no concern of ours.
      response.destroy();
      if (!request.destroyed) throw error;
    }
  }

  async #answer(request: IncomingMessage): Promise<HttpAnswer> {
    const { path } = targetOf(request);
    if (path === undefined) return jsonAnswer(400, { message: 'Bad Request' });
    const match = matchRoute(request.method ?? 'GET', path, [...this.#routes.keys()]);
    const found = match && this.#routes.get(match.key);
    if (!match || !found) return jsonAnswer(404, { message: 'Not Found' });
    if (found.bucket?.take(Date.now()) === false) return jsonAnswer(429, { message: 'Too Many Requests' });
    const body = await bodyOf(request);
    if (!body) return tooLarge;
    const event = eventOf(request, body, this.#apiId, match);
    if (Buffer.byteLength(JSON.stringify(event)) > maxEventBytes) return tooLarge;
    return invoke(found.target, event, found.route.timeoutMilliseconds);
  }
}

async function invoke(target: LocalFunction, event: unknown, timeoutMilliseconds: number): Promise<HttpAnswer> {
  const { promise: late, resolve } = Promise.withResolvers<HttpAnswer>();
  const timer = setTimeout(() => resolve(jsonAnswer(503, { message: 'Service Unavailable' })), timeoutMilliseconds);
  const answered = target.invoke(event).then(
    ({ answer }) => answerOf(answer),
    (error: unknown) => {
      if (error instanceof FunctionError) return jsonAnswer(500, { message: 'Internal Server Error' });
      throw error;
    },
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @returns undefined where the body is too large */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const incoming: AsyncIterable<Buffer> = request;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  return bytes <= maxBodyBytes ? Buffer.concat(chunks) : undefined;
}
