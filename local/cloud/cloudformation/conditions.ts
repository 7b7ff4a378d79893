import { jsonObject } from './intrinsic-arguments.ts';

interface Scope {
  /** The value of an expression. */
  readonly value: (expression: unknown) => unknown;
  /** Whether another condition of the stack holds. */
  readonly condition: (name: string) => boolean;
  readonly problem: (expression: unknown, why: string) => Error;
}

/** Whether a condition of a template holds: `Fn::Equals`, `Fn::Not`, `Fn::And`, `Fn::Or`, `Condition`. */
export function isTrue(expression: unknown, scope: Scope): boolean {
  const [key, argument] = Object.entries(jsonObject.catch({}).parse(expression))[0] ?? [];
  const items: readonly unknown[] = Array.isArray(argument) ? argument : [];
  if (key === 'Condition' && typeof argument === 'string') return scope.condition(argument);
  if (key === 'Fn::Equals') return String(scope.value(items[0])) === String(scope.value(items[1]));
  if (key === 'Fn::Not') return !isTrue(items[0], scope);
  if (key === 'Fn::And') return items.every((item) => isTrue(item, scope));
  if (key === 'Fn::Or') return items.some((item) => isTrue(item, scope));
  throw scope.problem(expression, 'it is no condition.');
}
