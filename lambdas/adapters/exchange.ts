import { faultOf } from '../core/api/answer-fault.ts';
import type { Fault } from '../core/api/retry-policy.ts';
import { type ByteText, byteText, decodeUtf8, toUtf8 } from '../core/rows/charsets.ts';
import { parseMembers } from '../core/rows/json-slices.ts';

/** One request over the wire, and its whole answer. */

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The whole body in UTF-8, whatever charset it came in. */
  readonly body: ByteText;
  /** From the body, else from the header; null where the vendor gave none. */
  readonly requestId: string | null;
}

export interface ExchangeLimits {
  /** For the whole of it, body included. */
  readonly timeoutMilliseconds: number;
  readonly maxBodyBytes: number;
}

/** The fetch of the platform, or what stands in for it. */
export type Fetch = (request: Request, init: { redirect: 'manual'; signal: AbortSignal }) => Promise<Response>;

/** What came back: an answer, a fault, or (an answer that is not what its status says) both. */
export type Exchanged =
  | { readonly answer: Answer; readonly fault?: Fault; readonly cause?: unknown }
  | { readonly answer?: undefined; readonly fault: Fault; readonly cause?: unknown };

export const requestIdHeader = 'x-request-id';
/** A longer one is no id. */
const maxRequestIdLength = 200;

/** Never throws. Redirects are not followed: they are answers, and the key goes nowhere else. */
export async function exchange(request: Request, limits: ExchangeLimits, send: Fetch): Promise<Exchanged> {
  let response: Response;
  try {
    const signal = AbortSignal.timeout(limits.timeoutMilliseconds);
    response = await send(request, { redirect: 'manual', signal });
  } catch (cause) {
    return { fault: isTimeout(cause) ? 'timed-out' : isUnreachable(cause) ? 'unreachable' : 'reset', cause };
  }
  try {
    const bytes = await readBounded(response, limits.maxBodyBytes);
    return bytes === undefined ? { fault: 'too-large' } : judged(response, bytes);
  } catch (cause) {
    return { fault: isTimeout(cause) ? 'timed-out' : 'cut-off', cause };
  }
}

function judged({ status, ok, headers }: Response, bytes: ByteText): Exchanged {
  const body = toUtf8(bytes, headers.get('content-type'));
  const members = body === undefined ? undefined : parseMembers(body);
  const answer: Answer = { status, headers, body: body ?? '', requestId: requestIdOf(members, headers) };
  if (body === undefined && ok) return { answer, fault: 'charset' };
  const fault = faultOf({ status, headers, body: answer.body, members });
  return fault === undefined ? { answer } : { answer, fault };
}

/** @returns undefined where the body is over the bound, and was not read to its end */
async function readBounded(response: Response, maxBytes: number): Promise<ByteText | undefined> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  const body: AsyncIterable<Uint8Array> = response.body;
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return byteText(Buffer.concat(chunks.splice(0)));
}

function requestIdOf(members: ReadonlyMap<string, string> | undefined, headers: Headers): string | null {
  const own: unknown = JSON.parse(decodeUtf8(members?.get('request_id') ?? 'null').text);
  const id = typeof own === 'string' && own !== '' ? own : headers.get(requestIdHeader);
  return id !== null && id.length <= maxRequestIdLength ? id : null;
}

const isTimeout = (error: unknown) => error instanceof Error && error.name === 'TimeoutError';

/** Of Node and of undici, where no connection came about. */
const unreachableCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function isUnreachable(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && unreachableCodes.has(cause.code);
}
