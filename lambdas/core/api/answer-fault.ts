/** Finds what the status alone does not say: a rate limit reported in another way, or an answer that is unusable. */

import type { ByteText } from '../rows/charsets.ts';
import type { Fault } from './answer-rules.ts';

export interface JudgedAnswer {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  readonly body: ByteText;
  /** Members of the body, each as JSON text; undefined if the body is not a JSON object. */
  readonly members: ReadonlyMap<string, string> | undefined;
}

/** The fault of an answer; undefined if the status alone decides what to do. */
export function faultOf({ status, headers, body, members }: JudgedAnswer): Fault | undefined {
  const isQuota = () => errorWords(members).some((word) => limitWords.test(word));
  if (status === 403) {
    const isLimited = headers.get('retry-after') !== null || isQuota();
    return isLimited ? 'quota' : undefined;
  }
  if (status === 503) return headers.get('retry-after') === null ? undefined : 'out-of-service';
  if (status < 200 || status > 299 || status === 204) return undefined;
  if (!members) return isHtml(body, headers) ? 'html' : 'not-json';
  if (!saysFailure(members)) return undefined;
  return isQuota() ? 'quota' : 'error-body';
}

const limitWords = /rate.?limit|limit.?(exceeded|reached)|too.?many.?requests|quota|throttl/i;

const errorMembers = ['error', 'errors'] as const;
/**
 * Members with which some APIs report, beside the data, a failure or incomplete data. Each has a pattern for the values
 * that report it, as JSON text.
 */
const failureMembers = new Map([
  ['success', /^false$/],
  ['ok', /^false$/],
  ['status', /^("(error|fail|failed|failure)"|"?[45]\d\d"?)$/i],
  ['statusCode', /^"?[45]\d\d"?$/],
  ['status_code', /^"?[45]\d\d"?$/],
  ['code', /^"?[45]\d\d"?$/],
  ['timed_out', /^true$/],
  ['incomplete_results', /^true$/],
  ['partial', /^true$/],
]);

function saysFailure(members: ReadonlyMap<string, string>): boolean {
  return (
    errorMembers.some((name) => isFilled(JSON.parse(members.get(name) ?? 'null'), 0)) ||
    [...failureMembers].some(([name, says]) => says.test(members.get(name) ?? ''))
  );
}

/** True if a value, or one inside it, is neither empty nor 0. `{"code":0,"message":""}` reports no error. */
function isFilled(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > deepest) return Boolean(value);
  return Object.values(value).some((inner) => isFilled(inner, depth + 1));
}

/**
 * Members that hold an error code, in the spellings that APIs use. Messages are not searched: they may quote anything.
 */
const codeNames = /^(code|type|reason|status|category|error|error_?code|error_?type)$/i;
const deepest = 4;

function errorWords(members: JudgedAnswer['members']): string[] {
  const words: string[] = [];
  const look = (name: string, value: unknown, depth: number) => {
    if (typeof value === 'string' && codeNames.test(name)) words.push(value);
    if (typeof value !== 'object' || value === null || depth > deepest) return;
    for (const [inner, innerValue] of Object.entries(value))
      look(Array.isArray(value) ? name : inner, innerValue, depth + 1);
  };
  for (const [name, value] of members ?? []) if (name !== 'data') look(name, JSON.parse(value), 0);
  return words;
}

export function isHtml(body: ByteText, headers: Pick<Headers, 'get'>): boolean {
  if (/^\s*<(!doctype html|html|head|body)\b/i.test(body)) return true;
  return body.trimStart().startsWith('<') && /\bhtml\b/i.test(headers.get('content-type') ?? '');
}
