import type { Fault } from '../core/api/retry-policy.ts';

/** One request over the wire, and its whole answer. */

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The whole body as it came, decoded as UTF-8. */
  readonly text: string;
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

/** What came back: an answer, a fault, or (a success that is no JSON object) both. */
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
    const text = await readBounded(response, limits.maxBodyBytes);
    return text === undefined ? { fault: 'too-large' } : judged(response, text);
  } catch (cause) {
    return { fault: isTimeout(cause) ? 'timed-out' : 'cut-off', cause };
  }
}

function judged({ status, ok, headers }: Response, text: string): Exchanged {
  const body = parseObject(text);
  const answer: Answer = { status, headers, text, requestId: requestIdOf(body, headers) };
  return ok && status !== 204 && body === undefined ? { answer, fault: 'not-json' } : { answer };
}

/** @returns undefined where the body is over the bound, and was not read to its end */
async function readBounded(response: Response, maxBytes: number): Promise<string | undefined> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  const body: AsyncIterable<Uint8Array> = response.body;
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** The error of JSON.parse quotes the text, which may hold personal data: it ends here. */
function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function requestIdOf(body: object | undefined, headers: Headers): string | null {
  const own: unknown = body && 'request_id' in body ? body.request_id : undefined;
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
