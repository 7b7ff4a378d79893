/** Says what to do about each answer of the API, and about each failure to get one. No other file does. */

import {
  AnswerTooLargeError,
  ConflictError,
  type ErrorDetails,
  ForbiddenError,
  MalformedAnswerError,
  NotFoundError,
  type PipelineError,
  RequestRefusedError,
  UnauthorizedError,
  UnavailableError,
} from '../errors.ts';

/** Ways in which a request fails although no status says so. */
export type Fault =
  | 'unreachable'
  | 'untrusted'
  | 'reset'
  | 'timed-out'
  | 'cut-off'
  | 'too-large'
  | 'not-json'
  | 'html'
  /** A success status with errors in the body. */
  | 'error-body'
  /** A rate limit that is reported by something other than 429. */
  | 'quota'
  /** A 503 that says when to ask again. */
  | 'out-of-service';

type ErrorClass = new (message: string, details: ErrorDetails) => PipelineError;

export type Action =
  | { readonly kind: 'accept' }
  /** Wait as long as the answer says: a short wait in place, a long one in a delayed message. */
  | { readonly kind: 'rate-limited' }
  /** Try again. If that does not help, throw the error. */
  | { readonly kind: 'retry'; readonly error: ErrorClass }
  | { readonly kind: 'fail'; readonly error: ErrorClass };

interface Rule {
  readonly action: Action;
  /** What the answer means and what a person should do. */
  readonly advice: string;
  /** The advice if more is known about the request. */
  readonly adviceOn?: (request: RequestFacts) => string;
}

/** What the advice can name about a request. */
interface RequestFacts {
  /** The scope that it needs. */
  readonly scope?: string | undefined;
  /** Its path as in the API's OpenAPI document, such as `/leads/{lead_id}`: without ids. */
  readonly path?: string | undefined;
  /** Whether the body of the answer is HTML. */
  readonly isHtml?: boolean | undefined;
}

const fail = (error: ErrorClass, advice: string): Rule => ({ action: { kind: 'fail', error }, advice });
const retry = (error: ErrorClass, advice: string): Rule => ({ action: { kind: 'retry', error }, advice });

/** Every run begins with this request: it cannot be left out. */
const firstPath = '/me';

/** Ends a message that says to switch streams off. */
export const streamsAdvice = 'npx prospect-lake doctor prints the line for streams.';

/** The settings that hold the address of the API, for messages. */
const address = 'apiBaseUrl in the configuration, or PROSPECTB2B_API_URL on this machine';

function adviceIfForbidden({ scope, path }: RequestFacts): string {
  const todo = `The API key may not do this. Give the key the scope${scope === undefined ? '' : ` ${scope}`}`;
  return path === firstPath
    ? `${todo}: every run begins with the question whose key it is.`
    : `${todo}, or switch the stream off in the configuration: ${streamsAdvice}`;
}

function adviceIfMissing({ path }: RequestFacts): string {
  if (path === undefined) return 'There is no such resource. Ask the vendor whether the path has moved.';
  return path === firstPath
    ? `There is no ${path} at this address. Check the address of the API: ${address}.`
    : `There is no ${path}. Ask the vendor whether the path has moved, or leave its table out with streams in the configuration.`;
}

const ofHtml =
  'a proxy or gateway in front of the API may have sent it, and the API may never have seen the request. Ask whoever runs the proxy of your network, or the vendor if the gateway is theirs.';

function adviceIfFailed({ path, isHtml }: RequestFacts): string {
  const where = path === firstPath ? ` at ${path}, with which every run begins` : '';
  const html = isHtml ? ` The answer is HTML: ${ofHtml}` : '';
  return `It failed${where}.${html} Such a request is tried several times; if this lasts, look at the vendor’s status page.`;
}

function adviceIfNoJson({ path }: RequestFacts): string {
  const what = `The answer of the API is cut off, or is no JSON object.${path === undefined ? '' : ` It was asked for ${path}.`} Such a request is tried several times. Report it to the vendor if this lasts`;
  return path === undefined || path === firstPath
    ? `${what}.`
    : `${what}; until it is mended, leave the table out with streams in the configuration.`;
}

/** The rules by status, class of statuses (`4xx`) or {@link Fault}. docs/api-answers.md shows them. */
export const answerRules: Readonly<Record<string, Rule>> = {
  '2xx': { action: { kind: 'accept' }, advice: '' },
  '3xx': fail(
    RequestRefusedError,
    `It redirects to another address, where the API key must not be sent. If the API has moved, set its new address: ${address}.`,
  ),
  '304': retry(
    UnavailableError,
    'It says that nothing has changed, though it was not asked that: a cache may stand in between. Such a request is tried several times.',
  ),
  '401': fail(
    UnauthorizedError,
    'The API key is missing, malformed, revoked or expired. Put a valid key into the secret of this workspace (on this machine: into PROSPECTB2B_API_KEY, with the address in PROSPECTB2B_API_URL) and run again.',
  ),
  '403': {
    ...fail(ForbiddenError, adviceIfForbidden({})),
    adviceOn: adviceIfForbidden,
  },
  '404': { ...fail(NotFoundError, adviceIfMissing({})), adviceOn: adviceIfMissing },
  '410': fail(NotFoundError, 'The resource is deleted.'),
  '408': retry(UnavailableError, 'It gave up waiting for the request.'),
  '409': fail(
    ConflictError,
    'The Idempotency-Key was used before with another body. This is a bug: report it to whoever maintains Prospect Lake, with this message.',
  ),
  '425': retry(UnavailableError, 'It was not ready for the request.'),
  '429': {
    action: { kind: 'rate-limited' },
    advice: 'The API key is over its limit a minute. Lower requestsPerMinute if this lasts.',
  },
  '4xx': fail(
    RequestRefusedError,
    'It refused the request. If it lasts, the API has changed: report it to whoever maintains Prospect Lake, with this message and the vendor’s id of the request.',
  ),
  '5xx': {
    ...retry(UnavailableError, `${adviceIfFailed({})} If the answer is HTML, ${ofHtml}`),
    adviceOn: adviceIfFailed,
  },
  unreachable: retry(
    UnavailableError,
    `The API cannot be reached. Check the network, and the address of the API: ${address}.`,
  ),
  untrusted: retry(
    UnavailableError,
    'The certificate of the API is not trusted, or the server does not speak TLS. Check the address in the configuration, and any proxy on the way. On this machine, NODE_EXTRA_CA_CERTS can name the CA of your company.',
  ),
  reset: retry(
    UnavailableError,
    'The connection broke off before the API answered. Such a request is tried several times.',
  ),
  'timed-out': retry(UnavailableError, 'The API did not answer in time. Such a request is tried several times.'),
  'cut-off': retry(UnavailableError, 'The answer of the API was cut off. Such a request is tried several times.'),
  html: retry(
    MalformedAnswerError,
    `The answer is HTML, not JSON: a login page or a proxy answered. Check the network, and the address of the API: ${address}.`,
  ),
  'error-body': retry(
    UnavailableError,
    'The API answered with errors instead of data. Such a request is tried several times; if this lasts, report it to the vendor.',
  ),
  quota: {
    action: { kind: 'rate-limited' },
    advice: 'The quota of the API key is used up for now. Raise it at the vendor if this lasts.',
  },
  'out-of-service': {
    action: { kind: 'rate-limited' },
    advice:
      'The API is out of service (503) and says when to ask again. Look at the vendor’s status page if this lasts.',
  },
  'not-json': { ...retry(MalformedAnswerError, adviceIfNoJson({})), adviceOn: adviceIfNoJson },
  'too-large': fail(
    AnswerTooLargeError,
    'The answer of the API is larger than a function can hold. Lower pageSize in the configuration.',
  ),
};

/**
 * What to do about a status or a fault, and what to tell a person. A status without a rule of its own has the rule of
 * its class.
 * @param request what is known about the request
 */
export function ruleFor(outcome: number | Fault, request: RequestFacts = {}): Pick<Rule, 'action' | 'advice'> {
  const rule = answerRules[outcome] ?? answerRules[`${Math.floor(Number(outcome) / 100)}xx`] ?? answerRules['5xx'];
  if (!rule) throw new RangeError(`There is no rule for ${outcome}.`);
  const { action, advice, adviceOn } = rule;
  return { action, advice: adviceOn?.(request) ?? advice };
}
