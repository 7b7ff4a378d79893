import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { close, listen } from '../local/run/listening.ts';

/** A way to the API on which every so many requests the time of the function is over. */
export interface CuttingProxy {
  readonly baseUrl: string;
  /** Requests that reached the API. */
  readonly passed: number;
  stop(): Promise<void>;
}

/** Longer than a function waits within one invocation. */
const retryAfterSeconds = 600;

/**
 * At the limit of the real API an invocation of extract ends by its time, after a known number of requests.
 * Here time has nothing to do with it: after that number a request is answered with a long wait, which makes
 * the function land what it has and go on in another message, as it does when its time is over.
 */
export async function startCuttingProxy(target: string, requestsPerInvocation: number): Promise<CuttingProxy> {
  const { pathname, origin } = new URL(target);
  let passed = 0;
  let sinceCut = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (sinceCut >= requestsPerInvocation) {
      sinceCut = 0;
      const error = { code: 'rate_limited', message: 'The time of this invocation is over.' };
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': String(retryAfterSeconds) });
      response.end(JSON.stringify({ error, request_id: 'req_cut' }));
      return;
    }
    sinceCut += 1;
    passed += 1;
    const { authorization = '', accept = 'application/json' } = request.headers;
    const body = await text(request);
    const answer = await fetch(`${origin}${request.url ?? '/'}`, {
      method: request.method ?? 'GET',
      headers: { authorization, accept },
      ...(body === '' ? {} : { body }),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(new Uint8Array(await answer.arrayBuffer()));
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.keepAliveTimeout = 120_000;
  const port = await listen(server);
  return {
    baseUrl: `http://127.0.0.1:${port}${pathname}`,
    get passed() {
      return passed;
    },
    stop: () => close(server),
  };
}
