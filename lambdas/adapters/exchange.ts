/** Sends one request and receives the complete answer. */

import { faultOf } from '../core/api/answer-fault.ts';
import { isUntrustedCode } from '../core/api/tls-codes.ts';
import type { Fault } from '../core/api/answer-rules.ts';
import { type ByteText, byteText, decodeUtf8, toUtf8 } from '../core/rows/charsets.ts';
import { parseMembers } from '../core/rows/json-slices.ts';
import type { HttpRequest, HttpResponse, SendRequest } from './send-request.ts';

export interface Answer {
  readonly status: number;
  readonly headers: HttpResponse['headers'];
  /** The whole body in UTF-8, whatever charset it came in. */
  readonly body: ByteText;
  /** The vendor's id of the request: from the body, otherwise from the header; null if the vendor sent none. */
  readonly requestId: string | null;
}

export interface ExchangeLimits {
  /** Time for the whole exchange, including the body. */
  readonly timeoutMilliseconds: number;
  readonly maxBodyBytes: number;
}

/** The result: an answer, a fault, or both if the answer is unusable, such as a 200 whose body is not JSON. */
export type ExchangeResult =
  | { readonly answer: Answer; readonly fault?: Fault; readonly cause?: unknown }
  | { readonly answer?: undefined; readonly fault: Fault; readonly cause?: unknown };

export const requestIdHeader = 'x-request-id';
/** Characters. A longer value cannot be a request id and is ignored. */
const maxRequestIdLength = 200;

/**
 * Sends a request and receives its answer. Never throws. Does not follow redirects: they count as answers, so that the
 * key is not sent to another address.
 */
export async function exchange(
  request: HttpRequest,
  limits: ExchangeLimits,
  send: SendRequest,
): Promise<ExchangeResult> {
  let response: HttpResponse;
  try {
    response = await send(request, limits.timeoutMilliseconds);
  } catch (cause) {
    return { fault: faultOfConnection(cause), cause };
  }
  try {
    const bytes = await readBounded(response, limits.maxBodyBytes);
    return bytes === undefined ? { fault: 'too-large' } : toResult(response, bytes);
  } catch (cause) {
    return { fault: isTimeout(cause) ? 'timed-out' : 'cut-off', cause };
  }
}

function toResult({ status, headers }: HttpResponse, bytes: ByteText): ExchangeResult {
  const body = toUtf8(bytes, headers.get('content-type'));
  const members = parseMembers(body);
  const answer: Answer = { status, headers, body, requestId: requestIdOf(members, headers) };
  const fault = faultOf({ status, headers, body, members });
  return fault === undefined ? { answer } : { answer, fault };
}

/** Reads the body of an answer. @returns undefined if the body exceeds the bound; the rest of it is not read */
async function readBounded({ body }: HttpResponse, maxBytes: number): Promise<ByteText | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return byteText(Buffer.concat(chunks.splice(0)));
}

function requestIdOf(
  members: ReadonlyMap<string, string> | undefined,
  headers: HttpResponse['headers'],
): string | null {
  const own: unknown = JSON.parse(decodeUtf8(members?.get('request_id') ?? 'null').text);
  const id = typeof own === 'string' && own !== '' ? own : headers.get(requestIdHeader);
  return id !== null && id.length <= maxRequestIdLength ? id : null;
}

function faultOfConnection(cause: unknown): Fault {
  if (isTimeout(cause)) return 'timed-out';
  if (isUntrustedCode(String(codeOf(cause)))) return 'untrusted';
  return isUnreachable(cause) ? 'unreachable' : 'reset';
}

const isTimeout = (error: unknown) => error instanceof Error && error.name === 'TimeoutError';

/** Error codes of Node that mean that no connection was made. */
const unreachableCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
]);

function isUnreachable(error: unknown): boolean {
  return unreachableCodes.has(codeOf(error));
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
