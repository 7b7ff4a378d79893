import { ruleFor } from '../../lambdas/core/api/retry-policy.ts';
import { type ConnectionWords, connectionWords } from '../../local/cli/connection-words.ts';
import { type Asked, BudgetSpentError } from '../api/ask.ts';

/** Why an answer cannot be used, and what to do. */
export function answerWords(asked: Asked, url: string, environment: NodeJS.ProcessEnv): ConnectionWords {
  if (asked.cause instanceof BudgetSpentError)
    return { says: 'was not asked: the requests of this command are used up', todo: 'Allow more with --requests.' };
  if (asked.status === undefined && asked.fault !== 'too-large') return connectionWords(asked.cause, url, environment);
  const status = asked.status === undefined ? '' : `answers ${asked.status}`;
  const what =
    asked.fault === 'html' ? `${status} with HTML, not JSON` : asked.fault ? `${status} (${asked.fault})` : status;
  return { says: what, todo: ruleFor(asked.fault ?? asked.status ?? 'unreachable').advice };
}
