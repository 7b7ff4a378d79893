import {
  CloudFormationClient,
  CloudFormationServiceException,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import type { z } from 'zod';
import {
  type DataOutputs,
  dataOutputs,
  type PipelineOutputs,
  pipelineOutputs,
  stackNames,
} from '../../lambdas/contract/outputs.ts';
import { accessAdvice, missingAccess } from '../../local/cli/cloud-access.ts';
import { UsageError } from '../../local/cli/usage-error.ts';

/**
 * The resources of a workspace, from the outputs of its stacks.
 * @throws UsageError if a stack is missing or is of another version
 */
export async function readDeployment(workspace: string): Promise<{ data: DataOutputs; pipeline: PipelineOutputs }> {
  const client = new CloudFormationClient();
  const names = stackNames(workspace);
  return {
    data: await outputsOf(client, names.data, dataOutputs),
    pipeline: await outputsOf(client, names.pipeline, pipelineOutputs),
  };
}

async function outputsOf<T>(client: CloudFormationClient, stack: string, schema: z.ZodType<T>): Promise<T> {
  const outputs = await describe(client, stack);
  const parsed = schema.safeParse(
    Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
  );
  if (parsed.success) return parsed.data;
  const lacking = parsed.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new UsageError(
    `The stack ${stack} is of another version than this checkout: its outputs lack ${lacking}. Deploy it anew: npx cdk deploy '*/*'`,
  );
}

async function describe(client: CloudFormationClient, stack: string) {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    return Stacks[0]?.Outputs ?? [];
  } catch (error) {
    if (error instanceof CloudFormationServiceException && error.name === 'ValidationError')
      throw new UsageError(
        `There is no stack ${stack} in this account and region. Look at --workspace, AWS_PROFILE and AWS_REGION.`,
      );
    if (error instanceof Error && missingAccess(error) === 'region')
      throw new UsageError(
        `No AWS region: ${accessAdvice('region', process.env)} For the folder of a run on this machine, add --local.`,
      );
    throw error;
  }
}
