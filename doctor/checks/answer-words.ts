import { type Fault, ruleFor } from '../../lambdas/core/api/answer-rules.ts';
import { type ConnectionWords, connectionWords } from '../../local/cli/connection-words.ts';
import { type Asked, BudgetSpentError } from '../api/ask.ts';

const faultTexts: Partial<Record<Fault, string>> = {
  html: 'HTML, not JSON',
  'not-json': 'no complete JSON object',
  'error-body': 'errors instead of data',
  quota: 'a used-up quota',
  'too-large': 'more than can be held',
};

/** The status of an answer, and what is wrong with its body. */
export function statusText({ status, fault }: Pick<Asked, 'status' | 'fault'>): string {
  const text = fault && faultTexts[fault];
  return [...(status === undefined ? [] : [status]), ...(text === undefined ? [] : [`with ${text}`])].join(' ');
}

/** Why an answer cannot be used, and what to do. */
export function answerWords(asked: Asked, url: string, environment: NodeJS.ProcessEnv): ConnectionWords {
  if (asked.cause instanceof BudgetSpentError)
    return { says: 'was not asked: the requests of this command are used up', todo: 'Allow more with --requests.' };
  if (asked.status === undefined && asked.fault !== 'too-large') return connectionWords(asked.cause, url, environment);
  return { says: `answers ${statusText(asked)}`, todo: adviceFor(asked) };
}

/** The advice of the retry policy. */
export function adviceFor({ fault, status }: Pick<Asked, 'status' | 'fault'>): string {
  return ruleFor(fault ?? status ?? 'unreachable').advice;
}
