/** Faults of a hostile API. Each has a name, so that a plan of faults can be printed and read. */

import { errorAnswer, type Fault, type FaultRule, htmlPage, tooManyRequests } from '../../local/faults/faults.ts';

/**
 * What a fault may do to the stream that it affects. `none`: nothing. `passes`: nothing, unless it outlasts the
 * retries. `misshapen`: as `passes`, except that a single fault already fails one id, or the children of one row.
 * `waits` and `fails`: the stream may be incomplete. `ends`: the whole run stops.
 */
export type Effect = 'none' | 'passes' | 'misshapen' | 'waits' | 'fails' | 'ends';

interface Kind {
  readonly fault: Fault;
  readonly effect: Effect;
}

const rewrite = (change: (body: string) => string): Fault => ({ kind: 'rewrite', rewrite: change });
const answer = (status: number, body: string, headers: Record<string, string> = {}): Fault => ({
  kind: 'answer',
  status,
  body,
  headers,
});
const passes = (fault: Fault): Kind => ({ fault, effect: 'passes' });
const misshapen = (fault: Fault): Kind => ({ fault, effect: 'misshapen' });
const fails = (fault: Fault): Kind => ({ fault, effect: 'fails' });
const waits = (fault: Fault): Kind => ({ fault, effect: 'waits' });
const harmless = (fault: Fault): Kind => ({ fault, effect: 'none' });

const html = { 'content-type': 'text/html' };

export const kinds = {
  '429': waits(tooManyRequests()),
  '429 for 2 seconds': waits(tooManyRequests('2')),
  '429 for an hour': waits(tooManyRequests('3600')),
  '429 for days': waits(tooManyRequests('999999')),
  '429 until a date': waits(tooManyRequests('Tue, 24 Nov 2026 04:00:00 GMT')),
  '429 for nonsense': waits(tooManyRequests('-5 minutes')),
  '429 as a page': waits(answer(429, '<h1>Slow down</h1>', html)),
  '408': passes(errorAnswer(408, 'timeout')),
  '500': passes(errorAnswer(500, 'internal')),
  '502 as a page': passes(answer(502, '<html>Bad gateway</html>', html)),
  '503': passes(answer(503, '', { 'retry-after': '1' })),
  '504': passes(errorAnswer(504, 'timeout')),
  '599': passes(answer(599, 'what?')),
  reset: passes({ kind: 'reset' }),
  hang: passes({ kind: 'hang' }),
  'cut off': passes({ kind: 'cut-off' }),
  half: passes({ kind: 'half' }),
  'page of HTML': passes(htmlPage),
  'empty body': passes(answer(200, '')),
  'no content': passes(answer(204, '')),
  'null body': misshapen(answer(200, 'null')),
  'a list': misshapen(answer(200, '[]')),
  'no data': misshapen(answer(200, '{"request_id":"req_x"}')),
  'data is null': misshapen(answer(200, '{"data":null,"pagination":null}')),
  'data is text': misshapen(answer(200, '{"data":"[]","pagination":{"next_cursor":null,"has_more":false}}')),
  'an error as 200': misshapen(answer(200, '{"error":{"code":"internal","message":"no"}}')),
  'no pagination': misshapen(rewrite((body) => body.replace(/"pagination":\{[^{}]*\},?/, ''))),
  'pagination is empty': misshapen(rewrite((body) => body.replace(/"pagination":\{[^{}]*\}/, '"pagination":{}'))),
  'pagination is null': misshapen(rewrite((body) => body.replace(/"pagination":\{[^{}]*\}/, '"pagination":null'))),
  'odd pagination': misshapen(rewrite((body) => body.replace(/"has_more":(\w+)/, '"has_more":"$1"'))),
  // A number is taken for a cursor, which this API then refuses.
  'cursor is a number': fails(rewrite((body) => body.replace(/"next_cursor":("[^"]*"|null)/, '"next_cursor":7'))),
  slow: harmless({ kind: 'slow', pieces: 7, waitMilliseconds: 500 }),
  'as text': harmless({ kind: 'content-type', contentType: 'text/plain' }),
  'as a picture': harmless({ kind: 'content-type', contentType: 'image/png' }),
  'byte order mark': harmless(rewrite((body) => `\uFEFF${body}`)),
  spaces: harmless(rewrite((body) => `\r\n ${body}\n\n`)),
  'empty page': fails({ kind: 'empty-page' }),
  'same page': fails({ kind: 'same-page' }),
  'repeated cursor': fails({ kind: 'repeated-cursor' }),
  endless: fails({ kind: 'endless' }),
  'no cursor': fails(
    rewrite((body) => body.replace(/"pagination":\{[^{}]*\}/, '"pagination":{"next_cursor":null,"has_more":true}')),
  ),
  'long cursor': fails(
    rewrite((body) =>
      body.replace(
        /"next_cursor":("[^"]*"|null),"has_more":\w+/,
        `"next_cursor":"${'c'.repeat(3_000)}","has_more":true`,
      ),
    ),
  ),
  '302': fails(answer(302, '', { location: 'http://127.0.0.1:9/elsewhere' })),
  '400': fails(errorAnswer(400, 'invalid_request')),
  '403': fails(errorAnswer(403, 'missing_scope')),
  '404': fails(errorAnswer(404, 'not_found')),
  '409': fails(errorAnswer(409, 'idempotency_conflict')),
  '401': { fault: errorAnswer(401, 'unauthorized'), effect: 'ends' },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;
// Object.keys returns plain strings.
export const kindNames = Object.keys(kinds) as KindName[];

export interface PlannedFault {
  readonly kind: KindName;
  /** Stream whose list or single object is affected; `exports detail` is the request for the details of an export. */
  readonly target: string;
  /** Number of matching requests that pass before the first fault. */
  readonly after: number;
  /** Number of requests affected; null: all of them. */
  readonly times: number | null;
  /** Probability, in tenths, that a matching request is affected. */
  readonly share: number;
}

/** Faults that make a page look like the whole list, because nothing says that the list continues. */
export const cutting: ReadonlySet<KindName> = new Set(['no pagination', 'pagination is empty', 'pagination is null']);

/** A rule of the proxy. Each rule has its own copy of the fault, which identifies it. */
export function ruleOf({ kind, after, times, share }: PlannedFault, path: string): FaultRule {
  const pattern = path.replaceAll(/\{\w+\}/g, '[^/?]+');
  return {
    path: new RegExp(`^${pattern}(\\?|$)`),
    fault: { ...kinds[kind].fault },
    after,
    probability: share / 10,
    ...(times === null ? {} : { times }),
  };
}
