import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { acknowledge } from '../access/acknowledge.ts';
import { networkActions } from '../access/network-actions.ts';
import type { WorkspaceConfig } from '../config/workspace-config.ts';
import type { PipelineFunction } from './pipeline-function.ts';

/**
 * Puts a function into subnets that exist. Lambda uses the permissions of the function's role to connect it; the code of
 * the function is denied them.
 * @param functionName fixed name of the function
 */
export function putInVpc(
  { function: { node }, role }: PipelineFunction,
  functionName: string,
  { subnetIds, securityGroupIds }: NonNullable<WorkspaceConfig['vpc']>,
): void {
  const { defaultChild } = node;
  if (!(defaultChild instanceof CfnFunction)) throw new TypeError(`${node.path} has no CloudFormation resource.`);
  defaultChild.vpcConfig = { subnetIds, securityGroupIds };
  role.addToPolicy(new PolicyStatement({ actions: networkActions, resources: ['*'] }));
  const functionArn = Stack.of(role).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  role.addToPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions: networkActions,
      resources: ['*'],
      conditions: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } },
    }),
  );
  acknowledge(
    role,
    'AwsSolutions-IAM5[Resource::*]',
    'The ids of the network interfaces are not known beforehand, and the code of the function is denied these actions.',
  );
}
