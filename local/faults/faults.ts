/** What can go wrong with one request on its way to the API, or with its answer on the way back. */
export type Fault =
  /** The proxy answers; the API never sees the request. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** The connection is reset before any answer. */
  | { readonly kind: 'reset' }
  /** The connection stays open without an answer. */
  | { readonly kind: 'hang' }
  /** Half of the API's answer, then a reset. `content-length` promises the whole answer. */
  | { readonly kind: 'cut-off' }
  /** Half of the API's answer, sent as if it were complete. */
  | { readonly kind: 'half' }
  /** The API's answer with another content type. */
  | { readonly kind: 'content-type'; readonly contentType: string }
  /** The API's answer in pieces, with a wait after each. */
  | { readonly kind: 'slow'; readonly pieces: number; readonly waitMilliseconds: number }
  /** An empty page with `has_more`. Its cursor leads to the same place in the list. */
  | { readonly kind: 'empty-page' }
  /** The API's page, with a cursor that leads back to this page. */
  | { readonly kind: 'repeated-cursor' }
  /** The API's page, with a different cursor each time that leads back to this page. */
  | { readonly kind: 'same-page' }
  /** The API's pages, each with a new cursor. After the last page the list starts again. */
  | { readonly kind: 'endless' }
  /** Any change to the API's answer, as text. */
  | { readonly kind: 'rewrite'; readonly rewrite: (body: string) => string };

/** @param retryAfter the header: seconds or an HTTP date; undefined: no header */
export function tooManyRequests(retryAfter?: string): Fault {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  return { ...errorAnswer(429, 'rate_limited'), headers };
}

export function errorAnswer(status: number, code: string): Extract<Fault, { kind: 'answer' }> {
  const error = { code, message: 'Planted by the fault proxy.' };
  const body = JSON.stringify({ error, request_id: 'req_planted' });
  return { kind: 'answer', status, body };
}

/** The answer of a proxy or login page between us and the API: HTML with status 200. */
export const htmlPage: Fault = {
  kind: 'answer',
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><title>Bad gateway</title><p>Please come back later.',
};

/** A fault, and the requests that meet it. */
export interface FaultRule {
  /** Matched against the path below the base URL, with its query. */
  readonly path: RegExp;
  readonly fault: Fault;
  /** Number of matching requests that pass before the first fault. @default 0 */
  readonly after?: number;
  /** Maximum number of faults. @default no maximum */
  readonly times?: number;
  /** Probability of the fault for each of these requests; the seed decides. @default 1 */
  readonly probability?: number;
}
