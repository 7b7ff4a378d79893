import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { emptyPage, falseCursor, withNextCursor, withTrueCursor } from './false-pages.ts';
import type { Fault, FaultRule } from './faults.ts';
import { FaultPlan } from './plan-faults.ts';

export interface ProxiedRequest {
  readonly method: string;
  /** Below the base URL, without the query. */
  readonly path: string;
  /** As it came, made-up cursors included. */
  readonly query: URLSearchParams;
  readonly fault: Fault['kind'] | undefined;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
}

/** A proxy in front of the API in which planted faults happen. */
export interface FaultProxy {
  /** Takes the place of the API's base URL, and ends as that does. */
  readonly baseUrl: string;
  /** Every request, in the order in which they came. */
  readonly requests: readonly ProxiedRequest[];
  /** Other rules from the next request on. */
  plant(rules: readonly FaultRule[]): void;
  clearRequests(): void;
  stop(): Promise<void>;
}

/** Longer than any client of ours keeps a connection, so that none is closed under a request but by a fault. */
const keepAliveMilliseconds = 120_000;

/** @param target base URL of the API */
export async function startFaultProxy(
  target: string,
  { rules = [], seed = 1 }: { rules?: readonly FaultRule[]; seed?: number } = {},
): Promise<FaultProxy> {
  const { pathname } = new URL(target);
  const plan = new FaultPlan(rules, seed);
  const requests: ProxiedRequest[] = [];
  let cursors = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', target);
    const path = url.pathname.slice(pathname.length);
    const fault = plan.faultFor(path + url.search);
    requests.push({
      method: request.method ?? '',
      path,
      query: url.searchParams,
      fault: fault?.kind,
      at: Date.now(),
    });
    const sent = await bodyOf(request);
    const query = withTrueCursor(url.searchParams);
    const cursor = query.get('cursor');
    const ask = async () => forward(request, `${target}${path}${query.size > 0 ? `?${query.toString()}` : ''}`, sent);
    switch (fault?.kind) {
      case 'reset':
        return request.socket.resetAndDestroy();
      case 'answer':
        return answer(response, fault.status, { 'content-type': 'application/json', ...fault.headers }, fault.body);
      case 'empty-page':
        cursors += 1;
        return answer(response, 200, { 'content-type': 'application/json' }, emptyPage(falseCursor(cursors, cursor)));
      default: {
        const real = await ask();
        return strike(fault, real, response, cursor);
      }
    }
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      answer(response, 502, { 'content-type': 'text/plain' }, `The fault proxy failed: ${String(error)}`);
    });
  });
  server.keepAliveTimeout = keepAliveMilliseconds;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  return {
    baseUrl: `http://127.0.0.1:${port}${pathname}`,
    requests,
    plant: (changed) => plan.replace(changed),
    clearRequests: () => {
      requests.length = 0;
    },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface RealAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
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
  return { status: real.status, headers: Object.fromEntries(kept), body: await real.text() };
}

async function strike(
  fault: Exclude<Fault, { kind: 'reset' | 'answer' | 'empty-page' }> | undefined,
  { status, headers, body }: RealAnswer,
  response: ServerResponse,
  cursor: string | null,
): Promise<void> {
  switch (fault?.kind) {
    case undefined:
      return answer(response, status, headers, body);
    case 'cut-off':
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
      response.write(half(body), () => response.socket?.resetAndDestroy());
      return;
    case 'half':
      return answer(response, status, headers, half(body));
    case 'content-type':
      return answer(response, status, { ...headers, 'content-type': fault.contentType }, body);
    case 'repeated-cursor':
      return answer(response, status, headers, withNextCursor(body, falseCursor(0, cursor)));
    case 'rewrite':
      return answer(response, status, headers, fault.rewrite(body));
    case 'slow': {
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
      const length = Math.ceil(body.length / fault.pieces);
      for (let from = 0; from < body.length; from += length) {
        response.write(body.slice(from, from + length));
        await wait(fault.waitMilliseconds);
      }
      response.end();
    }
  }
}

function half(body: string): string {
  return body.slice(0, Math.floor(body.length / 2));
}

function answer(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: string) {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  return text(request);
}
