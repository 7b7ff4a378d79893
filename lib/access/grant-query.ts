import { Stack, Token } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { z } from 'zod';
import { analyst } from '../../policies/query-policies.ts';
import type { DataStack } from '../data-stack.ts';

/** `grantQuery` was given something that cannot be allowed to query. The message says what to give instead. */
export class GrantError extends Error {
  constructor(problem: string) {
    super(
      `grantQuery takes a Role, User or Group of the account of the workspace. ${problem} To let another account or a service query, make a role that it may assume, and grant that: new Role(stack, 'Reader', { assumedBy: new AccountPrincipal('<account>') }). A role that exists already is Role.fromRoleArn(stack, 'Reader', '<arn>').`,
    );
    this.name = 'GrantError';
  }
}

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

/** Such as `AccountPrincipal(111122223333)`, or the path of a role. */
const describe = (grantee: unknown): string =>
  typeof grantee === 'string' ? `the text '${grantee}'` : String(grantee);

/** Accounts that are known only during the deployment are taken for the same. */
function isOther(account: string | undefined, own: string): account is string {
  return account !== undefined && !Token.isUnresolved(account) && !Token.isUnresolved(own) && account !== own;
}
