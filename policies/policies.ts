import { boundary } from './boundary-policy.ts';
import { deploy, execution, uninstall } from './deploy-policies.ts';
import { observe } from './observe-policy.ts';
import { maintain, operate } from './operate-policy.ts';
import type { PolicyTarget } from './policy-target.ts';
import type { Policy } from './policy.ts';
import { analyst, modeler } from './query-policies.ts';

/** Every policy that people, CloudFormation and the roles of the stacks need, by file name. */
export const policies = {
  execution,
  deploy,
  operate,
  maintain,
  observe,
  analyst,
  modeler,
  uninstall,
  boundary,
} as const satisfies Record<string, (target: PolicyTarget) => Policy>;
