import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../contract/api.d.ts';
import type { SentRequests } from '../contract/run.ts';
import type { Deadline } from '../core/ports.ts';
import { bytesOf } from '../core/rows/charsets.ts';
import { type Answer, requestIdHeader } from './exchange.ts';
import { createTransport, fillPath, type HttpApiOptions, withoutSlash } from './http-api.ts';

/** Each path of the API's OpenAPI document starts with this; each base URL ends with it. */
const basePath = '/api/public/v1';

export interface ApiClient extends Client<paths> {
  /** Requests and retries made so far. */
  readonly counts: SentRequests;
}

/** Scopes of the operations: `read` for those that only read, `write` for all others. */
export interface Scopes {
  readonly read: string;
  readonly write: string;
}

export interface ApiClientOptions extends HttpApiOptions {
  /** Scopes that the operations need. An error names the missing one. */
  readonly scopes: Scopes;
  /** Deadline of the invocation that uses the client. */
  readonly deadline: Deadline;
}

/**
 * The typed client of all operations: `client.POST('/api/public/v1/exports', { body, params })`. It shares its
 * transport with the pipeline's reads: bearer key, budget, retries and errors. A write is retried only if it has an
 * Idempotency-Key, or is a DELETE (which finds nothing the second time) or a PATCH (which sets the same values again).
 *
 * @throws PipelineError from each call, in place of the client's own `error`
 */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const transport = createTransport(options);
  const client = createClient<paths>({ baseUrl: rootOf(options.baseUrl), pathSerializer: fillPath });
  client.use({
    async onRequest({ request, schemaPath }) {
      const { url, method } = request;
      const headers = Object.fromEntries(request.headers);
      const body = request.body ? await request.text() : undefined;
      const answer = await transport.send(
        { url, method, headers, body },
        {
          name: `${request.method} ${schemaPath.replace(basePath, '')}`,
          scope: request.method === 'GET' ? options.scopes.read : options.scopes.write,
          deadline: options.deadline,
          repeatable: ['GET', 'DELETE', 'PATCH'].includes(request.method) || request.headers.has('idempotency-key'),
        },
      );
      return responseOf(answer);
    },
  });
  return { ...client, counts: transport.counts };
}

/** The vendor's id of the request, from the body or a header of the answer. */
export function requestIdOf(response: Response): string | null {
  return response.headers.get(requestIdHeader);
}

/** The base URL without {@link basePath}. @throws RangeError if it does not end in that path */
function rootOf(baseUrl: string): string {
  const base = withoutSlash(baseUrl);
  if (!base.endsWith(basePath))
    throw new RangeError(`The base URL of the API has to end in ${basePath}, and ${new URL(base).origin}… does not.`);
  return base.slice(0, -basePath.length);
}

function responseOf({ status, body, requestId }: Answer): Response {
  const headers = new Headers({ 'content-type': 'application/json' });
  if (requestId !== null) headers.set(requestIdHeader, requestId);
  return new Response(status === 204 ? null : bytesOf(body), { status, headers });
}
