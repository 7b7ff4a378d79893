/**
 * Emulates an HTTP API of API Gateway on 127.0.0.1. Each route is a method and a path, and leads to a function.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { UsageError } from '../../cli/usage-error.ts';
import { close, listen } from '../../run/listening.ts';
import type { ApiDefinition } from '../cloudformation/definitions.ts';
import { FunctionError, type LocalFunction } from '../lambda/functions.ts';
import { RequestBucket } from './request-bucket.ts';

/** API Gateway accepts 10 MB, but a Lambda event has at most 6 MB; base64 makes a binary body a third larger. */
const maxBodyBytes = 10_000_000;
const maxEventBytes = 6 * 1024 * 1024;
const maxHeaderBytes = 10_240;

/** Bodies of these types are passed on as text, all others as base64. */
const textTypes = /^(text\/|application\/(json|javascript|xml)\b|application\/[\w.-]+\+(json|xml)\b)/i;

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const functionAnswer = z.object({
  statusCode: z.number().int(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().default(''),
});

/**
 * Starts an HTTP API.
 * @throws UsageError if the port is not available
 * @throws Error if a route leads to a function that is not in the assembly
 */
export async function serveHttpApi(
  api: ApiDefinition,
  functions: ReadonlyMap<string, LocalFunction>,
  port: number,
): Promise<{ url: string; close(): Promise<void> }> {
  const targets = new Map(api.routes.map(({ key, functionArn }) => [key, targetOf(key, functions.get(functionArn))]));
  const bucket = api.throttle && new RequestBucket(api.throttle);
  const server = createServer({ maxHeaderSize: maxHeaderBytes });
  server.on('request', (request, response) => void take(request, response));

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { statusCode, headers, body } = await answerTo(request);
      response.writeHead(statusCode, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
    } catch (error) {
      // It is not an error if a client disconnects during its request.
      response.destroy();
      if (!request.destroyed) throw error;
    }
  }

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    const [path = '/'] = (request.url ?? '/').split('?');
    const key = `${request.method ?? 'GET'} ${path}`;
    const target = targets.get(key);
    if (!target) return message(404, 'Not Found');
    if (bucket?.take(Date.now()) === false) return message(429, 'Too Many Requests');
    const body = await bodyOf(request);
    const event = body && eventOf(request, body, key);
    if (!event || Buffer.byteLength(JSON.stringify(event)) > maxEventBytes)
      return message(413, 'Request Entity Too Large');
    return invoke(target, event, api.timeoutMilliseconds);
  }

  return { url: `http://127.0.0.1:${await listenOn(server, port)}`, close: () => close(server) };
}

function targetOf(key: string, target: LocalFunction | undefined): LocalFunction {
  if (target) return target;
  throw new Error(`The route ${key} leads to a function that is not in the assembly.`);
}

async function listenOn(server: Server, port: number): Promise<number> {
  try {
    return await listen(server, port);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new UsageError(`Port ${port} on 127.0.0.1 is not available (${code}). Choose another with --webhook-port.`);
  }
}

/** The event with which API Gateway invokes a function, reduced to the fields that this project's functions read. */
function eventOf(request: IncomingMessage, body: Buffer, key: string) {
  const isText = textTypes.test(request.headers['content-type'] ?? '');
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(',')]));
  return {
    version: '2.0',
    routeKey: key,
    rawPath: key.split(' ')[1],
    headers: Object.fromEntries(headers),
    requestContext: { routeKey: key, stage: '$default', timeEpoch: Date.now() },
    ...(body.length === 0 ? {} : { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

async function invoke(target: LocalFunction, event: unknown, timeoutMilliseconds: number): Promise<Answer> {
  const { promise: late, resolve } = Promise.withResolvers<Answer>();
  const timer = setTimeout(() => resolve(message(503, 'Service Unavailable')), timeoutMilliseconds);
  const answered = target.invoke(event).then(
    ({ answer }) => functionAnswer.safeParse(answer).data ?? message(500, 'Internal Server Error'),
    (error: unknown) => {
      if (error instanceof FunctionError) return message(500, 'Internal Server Error');
      throw error;
    },
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}

function message(statusCode: number, text: string): Answer {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message: text }) };
}

/** Reads the body of a request. @returns undefined if the body is too large */
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
