/** What may go wrong with one request on its way to the API, or with the answer on its way back. */
export type Fault =
  /** An answer of the proxy's own: the API never sees the request. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: string;
    }
  /** The connection is reset before anything is answered. */
  | { readonly kind: 'reset' }
  /** The connection stays open, and nothing is answered. */
  | { readonly kind: 'hang' }
  /** Half of the API's answer, then a reset; `content-length` tells of the whole. */
  | { readonly kind: 'cut-off' }
  /** Half of the API's answer, as if that were all. */
  | { readonly kind: 'half' }
  /** The API's answer under another content type. */
  | { readonly kind: 'content-type'; readonly contentType: string }
  /** The API's answer in pieces, with a wait after each. */
  | { readonly kind: 'slow'; readonly pieces: number; readonly waitMilliseconds: number }
  /** An empty page that promises more. Its cursor leads to where the list stood. */
  | { readonly kind: 'empty-page' }
  /** The API's page, with a cursor that leads back to it. */
  | { readonly kind: 'repeated-cursor' }
  /** The API's page, with a new cursor each time that leads back to it. */
  | { readonly kind: 'same-page' }
  /** The API's pages under cursors that never come twice; after the last, the list begins again. */
  | { readonly kind: 'endless' }
  /** Any change to the API's answer, as text. */
  | { readonly kind: 'rewrite'; readonly rewrite: (body: string) => string };

/** @param retryAfter the header: seconds or an HTTP date; undefined: no header */
export function tooManyRequests(retryAfter?: string): Fault {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  return { ...problem(429, 'rate_limited'), headers };
}

export function problem(status: number, code: string): Extract<Fault, { kind: 'answer' }> {
  const error = { code, message: 'Planted by the fault proxy.' };
  const body = JSON.stringify({ error, request_id: 'req_planted' });
  return { kind: 'answer', status, body };
}

/** What a proxy or a login page between us and the API answers, as if all were well. */
export const htmlPage: Fault = {
  kind: 'answer',
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><title>Bad gateway</title><p>Please come back later.',
};

/** A fault, and the requests that it befalls. */
export interface FaultRule {
  /** Matched against the path below the base URL, with its query. */
  readonly path: RegExp;
  readonly fault: Fault;
  /** The first requests that match and are left alone. @default 0 */
  readonly after?: number;
  /** How many requests it befalls. @default all */
  readonly times?: number;
  /** How likely it is for each of these; the seed decides. @default 1 */
  readonly probability?: number;
}
