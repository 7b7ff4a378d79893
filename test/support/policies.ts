/** The policies of one AWS account, and whether one allows a call. */

import { parseWorkspace } from '../../lib/config/config.ts';
import { policyTargetOf } from '../../policies/policy-target.ts';
import type { Policy } from '../../policies/policy.ts';
import { isAllowed } from './iam-evaluation.ts';

export const account = '111122223333';

export const targetOf = (name: string, region = 'eu-central-1') =>
  policyTargetOf({ ...parseWorkspace({ name }), account, region, kmsKeyArn: undefined });

export function allows(
  policy: Policy,
  action: string,
  resource: string,
  context: Record<string, string> = {},
): boolean {
  const statements = policy.Statement.map(({ Action, Resource, Condition = {} }) => ({
    principal: 'somebody',
    effect: 'Allow' as const,
    actions: Action,
    resources: Resource,
    conditions: Object.fromEntries(
      Object.entries(Condition).map(([operator, keys]) => [
        operator,
        Object.fromEntries(Object.entries(keys).map(([key, values]) => [key, [values].flat()])),
      ]),
    ),
  }));
  return isAllowed({ principal: 'somebody', action, resource, context }, statements);
}
