import { Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { analyst } from '../../policies/query-policies.ts';
import type { DataStack } from '../data-stack.ts';

/** Lets somebody query the tables of a workspace: the permissions of the policy `analyst.json`, and no others. */
export function grantQuery(data: DataStack, workspace: string, grantee: IGrantable): Grant {
  const { account, region, partition } = Stack.of(data);
  const { Statement } = analyst({ workspace, account, region, partition, kmsKeyArn: data.encryptionKey?.keyArn });
  // The statements lose their ids, which have to be unique in a policy: a role can be granted several workspaces.
  return Statement.map(({ Action, Resource, Condition }) =>
    Grant.addToPrincipal({
      grantee,
      actions: [...Action],
      resourceArns: [...Resource],
      ...(Condition ? { conditions: Condition } : {}),
    }),
  ).reduce((all, one) => all.combine(one));
}
