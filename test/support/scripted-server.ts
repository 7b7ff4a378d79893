import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Ends, breaks off or leaves open the answer to a request. */
export type Reply = (response: ServerResponse, request: SeenRequest) => void;

export interface ScriptedServer {
  /** Ends in `/api/public/v1`. */
  readonly baseUrl: string;
  /** Requests since the last call of `script`. */
  readonly seen: readonly SeenRequest[];
  /** Each request takes the next reply; when they run out, the last one repeats. */
  script(...replies: readonly [Reply, ...Reply[]]): void;
  stop(): Promise<void>;
}

/** An HTTP server on 127.0.0.1 that answers as a test says. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  let seen: SeenRequest[] = [];
  let replies: readonly Reply[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const one = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      seen.push(one);
      (replies[seen.length - 1] ?? replies.at(-1))?.(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The address of a TCP server has this shape.
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/api/public/v1`,
    get seen() {
      return seen;
    },
    script(...next) {
      seen = [];
      replies = next;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

export const html =
  (status: number, page: string): Reply =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'text/html' }).end(page);

/** The connection breaks off before any answer. */
export const reset: Reply = (response) => void response.socket?.destroy();

/** Promises more bytes than it sends, then breaks off. */
export const cutOff =
  (text: string): Reply =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(text.length + 100) });
    response.write(text, () => response.socket?.destroy());
  };

/** Starts an answer that never ends. */
export const unending =
  (text: string): Reply =>
  (response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).write(text);
