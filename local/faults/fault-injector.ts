import { encoded } from '../simulator/encoding.ts';
import { charsets } from '../simulator/options.ts';
import { emptyPage, falseCursor, withNextCursor, withTrueCursor } from './false-pages.ts';
import type { Fault, FaultRule } from './faults.ts';
import { FaultPlan } from './plan-faults.ts';

/** An answer of the API. */
export interface RealAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The answer that the client receives instead. */
export interface ProxyAnswer extends RealAnswer {
  /** Value of the `content-length` header; larger than the body if the fault cuts the body off. */
  readonly length: number;
  /** Number of pieces in which the body is sent. */
  readonly pieces: number;
  /** Wait after each piece. */
  readonly waitMilliseconds: number;
}

export type ProxyResponse =
  | { readonly kind: 'answer'; readonly answer: ProxyAnswer }
  /** Sends the body, then resets the connection before the length that `content-length` promised. */
  | { readonly kind: 'cut-off'; readonly answer: ProxyAnswer }
  /** No answer: the connection is reset, or stays open. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

/** Sits between a client and the API. Each request passes unchanged, or the planned fault happens to it. */
export class FaultInjector {
  readonly #plan: FaultPlan;
  #cursors = 0;

  constructor(rules: readonly FaultRule[], seed: number) {
    this.#plan = new FaultPlan(rules, seed);
  }

  /** Replaces the rules, from the next request on. */
  plant(rules: readonly FaultRule[]): void {
    this.#plan.replace(rules);
  }

  /**
   * The fault planned for a request; undefined if it passes unchanged.
   * @param request path below the base URL, with the query as received
   */
  faultFor(request: string): Fault | undefined {
    return this.#plan.faultFor(request);
  }

  /**
   * Applies a fault to a request.
   * @param ask sends the request on to the API, with a query that the API understands
   * @returns what the client gets
   */
  async pass(
    fault: Fault | undefined,
    query: URLSearchParams,
    ask: (query: URLSearchParams) => Promise<RealAnswer>,
  ): Promise<ProxyResponse> {
    const real = withTrueCursor(query);
    const cursor = real.get('cursor');
    switch (fault?.kind) {
      case 'reset':
        return { kind: 'reset' };
      case 'hang':
        return { kind: 'hang' };
      case 'answer':
        return whole({
          ...fault,
          headers: { 'content-type': 'application/json', ...fault.headers },
          body: bytes(fault.body),
        });
      case 'empty-page':
        return whole({
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: bytes(emptyPage(falseCursor(this.#next(), cursor))),
        });
      case 'same-page':
        return whole(rewritten(await ask(real), (text) => withNextCursor(text, falseCursor(this.#next(), cursor))));
      case 'endless':
        return whole(rewritten(await ask(real), (text) => this.#endless(text)));
      default:
        return applyFault(fault, await ask(real), cursor);
    }
  }

  #next(): number {
    this.#cursors += 1;
    return this.#cursors;
  }

  /** Gives a page a new cursor. On the last page the cursor leads to the start of the list, so the list never ends. */
  #endless(text: string): string {
    const next = /"next_cursor":"([^"]*)"/.exec(text)?.[1] ?? null;
    return withNextCursor(text, falseCursor(this.#next(), next));
  }
}

function applyFault(
  fault: Exclude<Fault, { kind: 'reset' | 'hang' | 'answer' | 'empty-page' | 'same-page' | 'endless' }> | undefined,
  real: RealAnswer,
  cursor: string | null,
): ProxyResponse {
  if (!fault) return whole(real);
  switch (fault.kind) {
    case 'cut-off': {
      const { answer } = whole({ ...real, body: half(real.body) });
      return { kind: 'cut-off', answer: { ...answer, length: real.body.byteLength } };
    }
    case 'half':
      return whole({ ...real, body: half(real.body) });
    case 'content-type':
      return whole({ ...real, headers: { ...real.headers, 'content-type': fault.contentType } });
    case 'repeated-cursor':
      return whole(rewritten(real, (text) => withNextCursor(text, falseCursor(0, cursor))));
    case 'rewrite':
      return whole(rewritten(real, fault.rewrite));
    default: {
      const { answer } = whole(real);
      return { kind: 'answer', answer: { ...answer, pieces: fault.pieces, waitMilliseconds: fault.waitMilliseconds } };
    }
  }
}

function whole({ status, headers, body }: RealAnswer): { kind: 'answer'; answer: ProxyAnswer } {
  return { kind: 'answer', answer: { status, headers, body, length: body.byteLength, pieces: 1, waitMilliseconds: 0 } };
}

function rewritten(real: RealAnswer, rewrite: (text: string) => string): RealAnswer {
  const charset = charsets.find((name) => real.headers['content-type']?.endsWith(`charset=${name}`)) ?? 'utf-8';
  const decode = charset === 'utf-8' ? textOf : (body: Uint8Array) => new TextDecoder(charset).decode(body);
  const encode = charset === 'utf-8' ? bytesOf : (text: string) => encoded(text, charset);
  return { ...real, body: encode(rewrite(decode(real.body))) };
}

/** Stands in a text for the byte FF, which no UTF-8 has. So an answer with such a byte keeps it. */
const invalidByte = '\u{10FFFF}';

function textOf(body: Uint8Array): string {
  const parts = Buffer.from(body).toString('latin1').split('\u00FF');
  return parts.map((part) => Buffer.from(part, 'latin1').toString()).join(invalidByte);
}

function bytesOf(text: string): Uint8Array {
  const parts = text.split(invalidByte).map((part) => Buffer.from(part));
  return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.of(0xff), part])));
}

const bytes = (text: string) => new TextEncoder().encode(text);
const half = (body: Uint8Array) => body.subarray(0, Math.floor(body.byteLength / 2));

/** The pieces in which an answer is sent. */
export function piecesOf({ body, pieces }: ProxyAnswer): Uint8Array[] {
  const length = Math.max(1, Math.ceil(body.byteLength / pieces));
  const count = Math.ceil(body.byteLength / length);
  return Array.from({ length: count }, (_, piece) => body.subarray(piece * length, (piece + 1) * length));
}
