import {
  ConflictError,
  type ErrorDetails,
  ForbiddenError,
  NotFoundError,
  type PipelineError,
  RequestRefusedError,
  UnauthorizedError,
  UnavailableError,
} from './errors.ts';

/** What is done about each answer of the API: the error table of the design, once. */

export type Action =
  | { readonly kind: 'accept' }
  /** Wait as the answer says, shortly in place, longer in a delayed message. */
  | { readonly kind: 'rate-limited' }
  /** Try again, then the error. */
  | { readonly kind: 'retry'; readonly error: ErrorClass }
  | { readonly kind: 'fail'; readonly error: ErrorClass };

type ErrorClass = new (message: string, details: ErrorDetails) => PipelineError;

interface StatusRule {
  readonly action: Action;
  /** What it means and what to do, for a person. */
  readonly advice: string;
}

const fail = (error: ErrorClass): Action => ({ kind: 'fail', error });
const retry: Action = { kind: 'retry', error: UnavailableError };

const rules: ReadonlyMap<number, StatusRule> = new Map([
  [
    401,
    {
      action: fail(UnauthorizedError),
      advice:
        'The API key is missing, malformed, revoked or expired. Put a valid key into the secret of this workspace and run again.',
    },
  ],
  [
    403,
    {
      action: fail(ForbiddenError),
      advice: 'The API key may not read this. Give the key the scope, or switch the stream off in the configuration.',
    },
  ],
  [404, { action: fail(NotFoundError), advice: 'There is no such resource.' }],
  [408, { action: retry, advice: 'The API gave up waiting for the request.' }],
  [
    409,
    {
      action: fail(ConflictError),
      advice: 'The Idempotency-Key was used before with another body. This is a bug; please report it.',
    },
  ],
  [425, { action: retry, advice: 'The API was not ready for the request.' }],
  [
    429,
    {
      action: { kind: 'rate-limited' },
      advice: 'The API key is over its limit a minute. Lower requestsPerMinute if this lasts.',
    },
  ],
]);

const ok: StatusRule = { action: { kind: 'accept' }, advice: '' };
const serverError: StatusRule = {
  action: retry,
  advice: 'The API failed. It is tried again; if it lasts, look at the vendor’s status page.',
};
const refused: StatusRule = {
  action: fail(RequestRefusedError),
  advice: 'The API refused the request. If it lasts, the contract has changed; please report it.',
};

/** The rule for a status of an answer. Redirects are refused: the key goes nowhere else. */
export function ruleFor(status: number): StatusRule {
  if (status >= 200 && status < 300) return ok;
  return rules.get(status) ?? (status >= 500 ? serverError : refused);
}

export const maxRetries = 4;
const baseMilliseconds = 250;
const longestMilliseconds = 8_000;
const longestRetryAfterSeconds = 3_600;
/** A rate limit that asks for no wait is waited out from this on, doubling. */
const rateLimitBaseSeconds = 1;
/** Waits up to this are slept; longer ones become a delayed message. */
export const longestSleepSeconds = 10;

/** Exponential, with full jitter. @param random in [0, 1) */
export function backoffMilliseconds(attempt: number, random: number): number {
  return Math.round(random * Math.min(longestMilliseconds, baseMilliseconds * 2 ** attempt));
}

/**
 * How long a 429 asks to wait.
 * @param retryAfter the header: seconds, or an HTTP date; anything else counts as absent
 * @param random in [0, 1): spreads those that wait
 */
export function rateLimitSeconds(retryAfter: string | null, attempt: number, now: Date, random: number): number {
  const asked = parseRetryAfter(retryAfter, now);
  if (asked !== undefined) return Math.min(longestRetryAfterSeconds, asked) + random;
  return rateLimitBaseSeconds * 2 ** Math.min(attempt, 6) * (0.5 + random / 2);
}

function parseRetryAfter(text: string | null, now: Date): number | undefined {
  if (text === null) return undefined;
  if (/^\d+(\.\d+)?$/.test(text.trim())) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now.getTime()) / 1_000);
}
