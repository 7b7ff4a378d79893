import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { close, listen } from '../run/listening.ts';
import { FaultInjector, piecesOf, type ProxyResponse, type RealAnswer } from './fault-injector.ts';
import type { Fault, FaultRule } from './faults.ts';

export interface ProxiedRequest {
  readonly method: string;
  /** Path below the base URL, without the query. */
  readonly path: string;
  /** Query as received, with cursors that the proxy made up. */
  readonly query: URLSearchParams;
  readonly fault: Fault['kind'] | undefined;
  /** When the request arrived, in milliseconds since 1970. */
  readonly at: number;
}

/** A proxy in front of the API that causes planned faults. */
export interface FaultProxy {
  /** Base URL of the proxy, which clients use in place of the API's. It ends in the same path. */
  readonly baseUrl: string;
  /** Every request, in the order of arrival. */
  readonly requests: readonly ProxiedRequest[];
  /** Replaces the rules, from the next request on. */
  plant(rules: readonly FaultRule[]): void;
  clearRequests(): void;
  stop(): Promise<void>;
}

/** Longer than the pipeline's clients keep a connection open, so only a fault closes a connection during a request. */
const keepAliveMilliseconds = 120_000;

/** @param target base URL of the API */
export async function startFaultProxy(
  target: string,
  { rules = [], seed = 1 }: { rules?: readonly FaultRule[]; seed?: number } = {},
): Promise<FaultProxy> {
  const { pathname } = new URL(target);
  const injector = new FaultInjector(rules, seed);
  const requests: ProxiedRequest[] = [];

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', target);
    const path = url.pathname.slice(pathname.length);
    const fault = injector.faultFor(path + url.search);
    requests.push({
      method: request.method ?? '',
      path,
      query: url.searchParams,
      fault: fault?.kind,
      at: Date.now(),
    });
    const sent = await text(request);
    const proxyResponse = await injector.pass(fault, url.searchParams, async (query) =>
      forward(request, `${target}${path}${query.size > 0 ? `?${query.toString()}` : ''}`, sent),
    );
    await sendProxyResponse(proxyResponse, request, response);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { 'content-type': 'text/plain' }).end(`The fault proxy failed: ${String(error)}`);
    });
  });
  server.keepAliveTimeout = keepAliveMilliseconds;
  const port = await listen(server);

  return {
    baseUrl: `http://127.0.0.1:${port}${pathname}`,
    requests,
    plant: (changed) => injector.plant(changed),
    clearRequests: () => {
      requests.length = 0;
    },
    stop: () => close(server),
  };
}

async function forward(request: IncomingMessage, url: string, body: string): Promise<RealAnswer> {
  const headers = new Headers();
  for (const name of ['authorization', 'content-type', 'idempotency-key', 'accept']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const real = await fetch(url, { method: request.method ?? 'GET', headers, ...(body === '' ? {} : { body }) });
  const kept = ['content-type', 'retry-after', 'x-request-id'].flatMap((name) => {
    const value = real.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { status: real.status, headers: Object.fromEntries(kept), body: new Uint8Array(await real.arrayBuffer()) };
}

/** Sends an answer, or does to the connection what the fault says. */
export async function sendProxyResponse(
  proxyResponse: ProxyResponse,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (proxyResponse.kind === 'hang') return;
  if (proxyResponse.kind === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  const { status, headers, length, body, waitMilliseconds } = proxyResponse.answer;
  response.writeHead(status, { ...headers, 'content-length': length });
  if (proxyResponse.kind === 'cut-off') {
    response.write(body, () => response.socket?.resetAndDestroy());
    return;
  }
  for (const piece of piecesOf(proxyResponse.answer)) {
    response.write(piece);
    if (waitMilliseconds > 0) await wait(waitMilliseconds);
  }
  response.end();
}
