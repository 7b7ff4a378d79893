import { Stack, Token } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { z } from 'zod';
import { analyst } from '../../policies/query-policies.ts';
import type { DataStack } from '../data-stack.ts';

/** `grantQuery` was given something that cannot be allowed to query. The message says what to give instead. */
export class GrantError extends Error {
  constructor(problem: string, advice = makeARole) {
    super(
      `grantQuery takes a Role, User, Group or ManagedPolicy of the account of the workspace. ${problem} ${advice}`,
    );
    this.name = 'GrantError';
  }
}

const makeARole =
  "To let another account or a service query, make a role that it may assume, and grant that: new Role(stack, 'Reader', { assumedBy: new AccountPrincipal('<account>') }). A role that exists already is Role.fromRoleArn(stack, 'Reader', '<arn>').";
const makeAPolicy =
  "Grant a policy, new ManagedPolicy(stack, 'Analyst', { managedPolicyName: 'prospect-lake-analyst' }), and";

/** An app in JavaScript has no compiler that asks for a role. */
const grantable = z.object({ grantPrincipal: z.object({ addToPrincipalPolicy: z.unknown() }) });

/**
 * Lets somebody query the tables of a workspace: the permissions of the policy `analyst.json`, and no others.
 * @throws GrantError
 */
export function grantQuery(data: DataStack, workspace: string, grantee: IGrantable): Grant {
  if (!grantable.safeParse(grantee).success) throw new GrantError(`It was given ${describe(grantee)}.`);
  const { account, region, partition } = Stack.of(data);
  const { principalAccount } = grantee.grantPrincipal;
  if (isOther(principalAccount, account))
    throw new GrantError(
      `${describe(grantee)} belongs to the account ${principalAccount}, the workspace to ${account}.`,
    );
  refuseUnchangeable(grantee);
  const { Statement } = analyst({ workspace, account, region, partition, kmsKeyArn: data.encryptionKey?.keyArn });
  // The statements lose their ids, which have to be unique in a policy: a role can be granted several workspaces.
  const grant = Statement.map(({ Action, Resource, Condition }) =>
    Grant.addToPrincipal({
      grantee,
      actions: [...Action],
      resourceArns: [...Resource],
      ...(Condition ? { conditions: Condition } : {}),
    }),
  ).reduce((all, one) => all.combine(one));
  if (!grant.success) throw new GrantError(`${describe(grantee)} has no policy that could allow it.`);
  return grant;
}

/** Refuses a role whose policies the app cannot or will not change. The CDK would report a success. */
function refuseUnchangeable(grantee: IGrantable): void {
  const { grantPrincipal } = grantee;
  const { roleArn, roleName } = role.safeParse(grantPrincipal).data ?? {};
  if (/:role\/aws-reserved\/|^AWSReservedSSO_/m.test(`${roleArn}\n${roleName}`))
    throw new GrantError(
      `${describe(grantee)} is a role of IAM Identity Center, which takes policies only from its permission set.`,
      `${makeAPolicy} name it there: docs/analysts.md, step 3.`,
    );
  if (Reflect.get(grantPrincipal.constructor, 'PROPERTY_INJECTION_ID') === 'aws-cdk-lib.aws-iam.ImmutableRole')
    throw new GrantError(
      `${describe(grantee)} is imported with mutable: false, so its permissions would not change.`,
      `Leave mutable out. Or: ${makeAPolicy} attach it to the role where the role is made.`,
    );
}

const role = z.object({ roleArn: z.string(), roleName: z.string() });

/** Such as `AccountPrincipal(111122223333)`, or the path of a role. */
const describe = (grantee: unknown): string =>
  typeof grantee === 'string' ? `the text '${grantee}'` : String(grantee);

/** Accounts that are known only during the deployment are taken for the same. */
function isOther(account: string | undefined, own: string): account is string {
  return account !== undefined && !Token.isUnresolved(account) && !Token.isUnresolved(own) && account !== own;
}
