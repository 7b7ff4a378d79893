import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RequestWatch {
  /** Base URL of the API for one process of a function, so that each request identifies its process. */
  baseUrlFor(processId: string): string;
  stop(): Promise<void>;
}

/** Called before a request is passed on, and before its answer is returned. Returning false drops the connection. */
export type OnRequest = (processId: string, request: string, when: 'before' | 'after') => boolean;

const passedOn = ['authorization', 'content-type', 'idempotency-key'];

/**
 * A proxy in front of the simulator that reports each function's API requests, which the embedded cloud does not see.
 * @param baseUrl of the simulator at the time of the request
 */
export async function watchRequests(baseUrl: () => string, onRequest: OnRequest): Promise<RequestWatch> {
  const { pathname } = new URL(baseUrl());
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET' } = request;
    const [, processId = '', path = ''] = /^\/([^/]+)(\/.*)$/.exec(request.url ?? '') ?? [];
    const label = `${method} ${path.slice(pathname.length).replace(/\?.*/, '')}`;
    const body = await textOf(request);
    if (!onRequest(processId, label, 'before')) return void response.destroy();
    const headers = passedOn.flatMap((name): [string, string][] => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    });
    const answer = await fetch(new URL(baseUrl()).origin + path, {
      method,
      headers,
      ...(body === '' ? {} : { body }),
    });
    const text = await answer.text();
    if (!onRequest(processId, label, 'after')) return void response.destroy();
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
    response.end(text);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The address of a TCP server has this shape.
  const { port } = server.address() as AddressInfo;
  return {
    baseUrlFor: (processId) => `http://127.0.0.1:${port}/${processId}${pathname}`,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  const incoming: AsyncIterable<Buffer> = request;
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
