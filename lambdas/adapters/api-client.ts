import createClient, { type Client } from 'openapi-fetch';
import type { paths } from '../contract/api.d.ts';
import type { Deadline } from '../core/ports.ts';
import { type HttpApiOptions, requestHeaders, retryingFetchOptions, withCurrentKey } from './http-api.ts';
import { type Counts, fetchWithRetries } from './retrying-fetch.ts';

/** What the paths of the contract begin with, and a base URL ends in. */
const basePath = '/api/public/v1';
const requestIdHeader = 'x-request-id';

export type ApiClient = Client<paths>;

export interface ApiClientOptions extends HttpApiOptions {
  /** Scope that the operations need, for the error that says it is missing. */
  readonly scope: string;
  readonly deadline: Deadline;
}

/**
 * The typed client of all operations: `client.POST('/api/public/v1/exports', { body, params })`. It goes
 * over the same wire as the pipeline's reads: bearer key, budget, retries and errors are decided there.
 * A write is made again only where it carries an Idempotency-Key.
 *
 * @throws PipelineError from each call, in place of the client's own `error`
 */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const retrying = retryingFetchOptions(options);
  const counts: Counts = { requests: 0, retries: 0 };
  const send = async (request: Request): Promise<Response> => {
    const { method, url } = request;
    const context = {
      name: `${method} ${new URL(url).pathname.replace(basePath, '')}`,
      scope: options.scope,
      deadline: options.deadline,
      repeatable: ['GET', 'DELETE'].includes(method) || request.headers.has('idempotency-key'),
    };
    const answer = await withCurrentKey(options.apiKey, (key) =>
      fetchWithRetries(() => withKey(request.clone(), key), context, retrying, counts),
    );
    return new Response(answer.text, {
      status: answer.status,
      headers: {
        'content-type': 'application/json',
        ...(answer.requestId === null ? {} : { [requestIdHeader]: answer.requestId }),
      },
    });
  };
  return createClient<paths>({ baseUrl: options.baseUrl.slice(0, -basePath.length), fetch: send });
}

/** The vendor's id of the answer, which every error and every log line about it names. */
export function requestIdOf(response: Response): string | null {
  return response.headers.get(requestIdHeader);
}

function withKey(request: Request, key: string): Request {
  for (const [name, value] of Object.entries(requestHeaders(key))) request.headers.set(name, value);
  return request;
}
