/**
 * A server of the API written from the vendor's reference page alone. It shares no code with the simulator or the
 * pipeline. It differs from the simulator in whatever the page leaves open: the newest rows come first, a cursor is the
 * number of a page, and answers have none of the simulator's headers.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { allScopes, base, type Json, person, type Tables, tablesOf } from './foreign-rows.ts';

export interface ForeignOptions {
  readonly leads?: number;
  readonly scopes?: readonly string[];
  /** Scopes that /me lists. @default those of the key */
  readonly listedScopes?: readonly string[];
  /** Changes the rows that the server has. */
  readonly change?: (tables: Tables) => void;
  /** Paths that are answered with 404, whatever the tables have. */
  readonly gone?: RegExp;
  /** Paths that are answered with 500. */
  readonly failing?: RegExp;
  readonly ignores?: readonly ('limit' | 'updated_after')[];
  readonly withoutPagination?: boolean;
  /** The answer to every request, in place of the API's. */
  readonly page?: { readonly status: number; readonly type: string; readonly body: string };
  /** Number of requests that are answered with 429 and Retry-After: 1. */
  readonly refusals?: number;
}

export interface ForeignApi {
  readonly url: string;
  readonly key: string;
  readonly asked: string[];
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

/** Scope that a path needs, by its first segments: enough to answer 403 as the vendor's reference page does. */
const scopeOf = (path: string) => {
  if (/^\/leads\/[^/]+\/messages/.test(path)) return 'messages.read';
  const area = path.split('/')[1] ?? '';
  return { me: 'me.read', exports: 'leads.export', imports: 'leads.import' }[area] ?? `${area}.read`;
};

export async function startForeignApi(options: ForeignOptions = {}): Promise<ForeignApi> {
  const { leads = 7, scopes = allScopes, page: fixed } = options;
  const tables = tablesOf(leads);
  options.change?.(tables);
  const key = 'key-of-the-foreign-server';
  const asked: string[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', 'http://foreign');
    const path = url.pathname.replace('/api/public/v1', '');
    asked.push(path + url.search);
    if (fixed) {
      response.writeHead(fixed.status, { 'content-type': fixed.type }).end(fixed.body);
      return;
    }
    const isKnown = request.headers.authorization === `Bearer ${key}`;
    const isFailing = isKnown && options.failing?.test(path);
    const { status, body } = isFailing
      ? { status: 500, body: { error: { code: 'internal' } } }
      : isKnown
        ? answer(path, url.searchParams)
        : { status: 401, body: { error: { code: 'unauthorized' } } };
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(status === 429 ? { 'retry-after': '1' } : {}),
    });
    response.end(JSON.stringify(body));
  };
  const answer = (path: string, query: URLSearchParams): { status: number; body: Json } => {
    if (asked.length <= (options.refusals ?? 0)) return { status: 429, body: { error: { code: 'slow_down' } } };
    if (!scopes.includes(scopeOf(path))) return { status: 403, body: { error: { code: 'missing_scope' } } };
    if (options.gone?.test(path)) return { status: 404, body: { error: { code: 'not_found' } } };
    const found =
      path === '/me' ? me(options.listedScopes ?? scopes) : (tables[path] ?? byId(tables, path) ?? childless(path));
    if (!found) return { status: 404, body: { error: { code: 'not_found' } } };
    return {
      status: 200,
      body: { request_id: 'q', ...(Array.isArray(found) ? listed(found, query, options) : { data: found }) },
    };
  };
  const server = createServer(handle);
  const url = await listen(server);
  return { url: `${url}/api/public/v1`, key, asked, handle, close: () => closed(server) };
}

function me(scopes: readonly string[]): Json {
  const tenant = { ...base('tenant-7', 'tenant'), name: 'A company' };
  const user = { ...base('u0', 'user'), name: person, email: 'me@person-value.example' };
  const identity = base('id', 'public_api_identity');
  return { ...identity, tenant, user, role: 'member', permissions: [], scopes, read_only: false };
}

function listed(
  all: readonly Json[],
  query: URLSearchParams,
  { ignores = [], withoutPagination }: ForeignOptions,
): Json {
  const after = ignores.includes('updated_after') ? null : query.get('updated_after');
  const rows = all.filter((row) => after === null || Date.parse(String(row['updated_at'])) >= Date.parse(after));
  const size = ignores.includes('limit') ? 5 : Number(query.get('limit') ?? 5);
  const from = Number(query.get('cursor') ?? 0);
  const hasMore = from + size < rows.length;
  const pagination = { next_cursor: hasMore ? String(from + size) : null, has_more: hasMore };
  return { data: rows.slice(from, from + size), ...(withoutPagination ? {} : { pagination }) };
}

/** Rows other than the first have no children. */
const childless = (path: string): Json[] | undefined => (/^\/[a-z/]+\/[a-z]\d+\/[a-z]+$/.test(path) ? [] : undefined);

function byId(tables: Tables, path: string): Json | undefined {
  const rows =
    tables[path.slice(0, path.lastIndexOf('/'))] ??
    (path.startsWith('/campaigns/runs/') ? tables['/campaigns/c0/runs'] : tables['/prospector/workflows/p0/runs']);
  return Array.isArray(rows) ? rows.find(({ id }) => id === path.split('/').at(-1)) : undefined;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
