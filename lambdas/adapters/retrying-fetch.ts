import {
  MalformedAnswerError,
  type PipelineError,
  RateLimitedError,
  RequestRefusedError,
  UnavailableError,
} from '../core/errors.ts';
import type { Clock, Deadline, Log } from '../core/ports.ts';
import type { RateLimiter } from '../core/rate-limiter.ts';
import {
  backoffMilliseconds,
  longestSleepSeconds,
  maxRetries,
  rateLimitSeconds,
  ruleFor,
} from '../core/retry-policy.ts';

/** What goes over the wire once is decided here, for the typed client and for the pipeline alike. */

export interface RetryingFetchOptions {
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly requestTimeoutMilliseconds: number;
  readonly maxBodyBytes: number;
}

export interface RequestContext {
  /** Of the stream or operation, for the error. */
  readonly name: string;
  readonly scope: string;
  readonly deadline: Deadline;
  /** Whether the request may be made twice: a read, or a write with an Idempotency-Key. */
  readonly repeatable: boolean;
}

export interface Counts {
  requests: number;
  retries: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly requestId: string | null;
}

/** What is left of an invocation after a wait must do for a request and for landing what it gives. */
const reserveMilliseconds = 25_000;

/**
 * Makes a request, again as the retry policy says.
 * @throws PipelineError of the class that the policy names; its message holds nothing of the answer's body
 */
export async function fetchWithRetries(
  request: () => Request,
  context: RequestContext,
  options: RetryingFetchOptions,
  counts: Counts,
): Promise<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    await options.sleep(options.limiter.take(options.clock.now().getTime()));
    counts.requests += 1;
    if (attempt > 0) counts.retries += 1;
    const outcome = await once(request(), attempt, context, options);
    if ('answer' in outcome) return outcome.answer;
    const wait = waitMilliseconds(outcome, attempt, context, options);
    if (wait === undefined) throw outcome.error;
    options.log.info('The API is asked again.', {
      stream: context.name,
      attempt: attempt + 1,
      wait,
      code: outcome.error.code,
    });
    await options.sleep(wait);
  }
}

type Outcome =
  | { readonly answer: Answer }
  | { readonly error: PipelineError; readonly kind: 'fail' | 'retry' | 'rate-limited' };

/** @returns undefined where it is not tried again */
function waitMilliseconds(
  outcome: Exclude<Outcome, { answer: Answer }>,
  attempt: number,
  context: RequestContext,
  options: RetryingFetchOptions,
): number | undefined {
  if (outcome.kind === 'fail' || attempt >= maxRetries || !context.repeatable) return undefined;
  const { error } = outcome;
  const wait =
    error instanceof RateLimitedError
      ? error.retryAfterSeconds * 1_000
      : backoffMilliseconds(attempt, options.random());
  const isShort =
    wait <= longestSleepSeconds * 1_000 && context.deadline.remainingMilliseconds() - wait > reserveMilliseconds;
  return isShort ? wait : undefined;
}

async function once(
  request: Request,
  attempt: number,
  context: RequestContext,
  options: RetryingFetchOptions,
): Promise<Outcome> {
  let answer: Answer;
  try {
    const timeout = Math.max(
      1_000,
      Math.min(options.requestTimeoutMilliseconds, context.deadline.remainingMilliseconds()),
    );
    const response = await fetch(request, { redirect: 'manual', signal: AbortSignal.timeout(timeout) });
    const text = await readBounded(response, options.maxBodyBytes, context);
    answer = {
      status: response.status,
      headers: response.headers,
      text,
      requestId: requestIdOf(text, response.headers),
    };
  } catch (error) {
    if (error instanceof RequestRefusedError) return { kind: 'fail', error };
    const what =
      error instanceof Error && error.name === 'TimeoutError' ? 'did not answer in time' : 'broke off the connection';
    return {
      kind: 'retry',
      error: new UnavailableError(`The API ${what} (${context.name}).`, { stream: context.name, cause: error }),
    };
  }
  return judge(answer, attempt, context, options);
}

function judge(answer: Answer, attempt: number, context: RequestContext, options: RetryingFetchOptions): Outcome {
  const { action, advice } = ruleFor(answer.status);
  const details = { stream: context.name, requestId: answer.requestId, status: answer.status };
  const message = `${context.name}: the API answered ${answer.status}. ${advice}${answer.status === 403 ? ` The scope is ${context.scope}.` : ''}`;
  switch (action.kind) {
    case 'accept':
      if (!isJsonObject(answer.text)) {
        return {
          kind: 'retry',
          error: new MalformedAnswerError(`${context.name}: the answer of the API is cut off or not JSON.`, details),
        };
      }
      options.limiter.succeeded();
      return { answer };
    case 'rate-limited': {
      const now = options.clock.now();
      options.limiter.limited(now.getTime());
      const retryAfterSeconds = rateLimitSeconds(answer.headers.get('retry-after'), attempt, now, options.random());
      return { kind: 'rate-limited', error: new RateLimitedError(message, { ...details, retryAfterSeconds }) };
    }
    default:
      return { kind: action.kind, error: new action.error(message, details) };
  }
}

/** The body as text; one that is larger than the bound is not read to its end. */
async function readBounded(response: Response, maxBytes: number, { name }: RequestContext): Promise<string> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new RequestRefusedError(
        `${name}: the API's answer is over ${maxBytes} bytes. Lower pageSize in the configuration.`,
        { stream: name },
      );
    }
    chunks.push(chunk);
  }
  const declared = Number(response.headers.get('content-length') ?? size);
  const isEncoded = response.headers.has('content-encoding');
  if (!isEncoded && declared !== size)
    throw new UnavailableError(`${name}: the answer of the API was cut off.`, { stream: name });
  return new TextDecoder().decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
}

const withRequestId = /"request_id"\s*:\s*"([^"\\]{1,200})"/;

/** From the body, else from a header. In a list it stands behind the rows, so the last one counts. */
function requestIdOf(text: string, headers: Headers): string | null {
  const tail = withRequestId.exec(text.slice(-400)) ?? withRequestId.exec(text.slice(0, 400));
  return tail?.[1] ?? headers.get('x-request-id');
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
