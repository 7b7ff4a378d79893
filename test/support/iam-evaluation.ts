import type { Statement } from './iam-policies.ts';
import type { AccessRequest } from './iam-requests.ts';

/**
 * Whether IAM allows a request within one account: a Deny wins; otherwise one Allow, on the role or on the resource,
 * is enough.
 * Covers only the forms that our policies use. The known evaluator, @cloud-copilot/iam-simulate, is under AGPL-3.0.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed(request: AccessRequest, statements: readonly Statement[]): boolean {
  const matching = statements.filter((statement) => matches(request, statement));
  return matching.length > 0 && matching.every(({ effect }) => effect === 'Allow');
}

/** Whether a statement applies to the request. */
export function matches({ principal, action, resource, context }: AccessRequest, statement: Statement): boolean {
  return (
    [principal, '*'].includes(statement.principal) &&
    statement.actions.some((pattern) => isLike(action.toLowerCase(), pattern.toLowerCase())) &&
    statement.resources.some((pattern) => isLike(resource, pattern)) &&
    Object.entries(statement.conditions).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, context[key], values)),
    )
  );
}

/** Whether a condition holds; it does not if the request lacks its key. */
function holds(operator: string, actual: string | undefined, values: readonly string[]): boolean {
  const test = operators[operator];
  if (!test) throw new Error(`The condition operator ${operator} is not known here.`);
  return actual !== undefined && values.some((value) => test(actual, value));
}

const operators: Readonly<Record<string, (actual: string, value: string) => boolean>> = {
  Bool: (actual, value) => actual === value,
  StringEquals: (actual, value) => actual === value,
  StringLike: isLike,
  ArnLike: isLike,
  NumericLessThan: (actual, value) => Number(actual) < Number(value),
};

/** `*` matches any number of characters, including none; `?` matches one. */
function isLike(text: string, pattern: string): boolean {
  const expression = pattern.split(/([*?])/).map((part) => ({ '*': '.*', '?': '.' })[part] ?? RegExp.escape(part));
  return new RegExp(`^${expression.join('')}$`, 's').test(text);
}
