/** Writes the table of what the pipeline does with each answer of the API, from the rules that decide it. */

import { type Action, answerRules, type Fault } from '../lambdas/core/api/answer-rules.ts';

/** Describes the answers that their status alone does not describe. */
const words: Readonly<Record<Fault, string>> = {
  unreachable: 'no connection',
  untrusted: 'a certificate that is not trusted',
  reset: 'a connection that breaks off before the answer',
  'timed-out': 'no complete answer within 30 seconds',
  'cut-off': 'an answer that is cut off',
  html: '2xx with a page of HTML',
  'not-json': '2xx with something else than a JSON object',
  'error-body':
    '2xx with a filled `error` or `errors`, or that says otherwise that it failed or is incomplete, such as `"success":false`',
  'out-of-service': '503 with `Retry-After`',
  quota: '403 with `Retry-After`, or a body that names a limit or quota as its code (403 or 2xx)',
  'too-large': 'more than 40 MiB, or than a function can hold',
};

export function answersTable(): string {
  const rows = Object.entries(answerRules)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([outcome, { action, advice }]) => `| ${nameOf(outcome)} | ${what(action)} | ${errorOf(action)} | ${advice} |\n`,
    );
  return `| answer | the pipeline | error | a person is told |\n|---|---|---|---|\n${rows.join('')}`;
}

function nameOf(outcome: string): string {
  if (/^\d{3}$/.test(outcome)) return outcome;
  if (/^\dxx$/.test(outcome)) return outcome === '2xx' ? outcome : `any other ${outcome}`;
  const name = new Map(Object.entries(words)).get(outcome);
  if (name === undefined) throw new Error(`tools/api-answers.ts has no words for the answer '${outcome}'.`);
  return name;
}

function what(action: Action): string {
  if (action.kind === 'accept') return 'reads it';
  if (action.kind === 'rate-limited') return 'waits as long as the answer asks, an hour at most, and asks again';
  if (action.kind === 'retry') return 'asks again';
  return new action.error('', {}).disposition === 'fatal' ? 'ends the run' : 'fails what was asked for';
}

function errorOf(action: Action): string {
  return 'error' in action ? `\`${new action.error('', {}).code}\`` : '';
}
