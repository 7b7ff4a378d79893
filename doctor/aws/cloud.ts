/** What the checks ask AWS, and the adapter over its SDK. */

import {
  CloudFormationClient,
  CloudFormationServiceException,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { HeadBucketCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

export interface Stack {
  readonly status: string;
  readonly outputs: ReadonlyMap<string, string>;
}

/** Whether the name of a bucket is free, used by this account, or used by somebody else. */
export type Bucket = 'free' | 'ours' | 'taken';

export interface AwsCloud {
  readonly region: string;
  /** Account of the credentials, and ARN of the user or role. */
  caller(): Promise<{ account: string; arn: string }>;
  /** Undefined if there is no such stack. */
  stack(name: string): Promise<Stack | undefined>;
  concurrency(): Promise<{ limit: number; unreserved: number }>;
  bucket(name: string): Promise<Bucket>;
  /** Undefined if there is no such secret. */
  secret(name: string): Promise<'there' | 'being deleted' | undefined>;
  key(arn: string): Promise<{ isEnabled: boolean; isSymmetric: boolean; policy: unknown }>;
}

export async function createAwsCloud(region: string | undefined): Promise<AwsCloud> {
  const options = { maxAttempts: 2, ...(region === undefined ? {} : { region }) };
  const cloudFormation = new CloudFormationClient(options);
  const [s3, lambda] = [new S3Client(options), new LambdaClient(options)];
  return {
    region: await cloudFormation.config.region(),
    async caller() {
      const { Account = '', Arn = '' } = await new STSClient(options).send(new GetCallerIdentityCommand({}));
      return { account: Account, arn: Arn };
    },
    async stack(name) {
      try {
        const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
        const outputs = new Map(
          (Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
        );
        return { status: Stacks[0]?.StackStatus ?? '', outputs };
      } catch (error) {
        if (error instanceof CloudFormationServiceException && error.name === 'ValidationError') return undefined;
        throw error;
      }
    },
    async concurrency() {
      const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
      const limit = AccountLimit?.ConcurrentExecutions ?? 0;
      return { limit, unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? limit };
    },
    async bucket(name) {
      try {
        await s3.send(new HeadBucketCommand({ Bucket: name }));
        return 'ours';
      } catch (error) {
        if (!(error instanceof S3ServiceException)) throw error;
        const status = error.$metadata.httpStatusCode;
        if (status === 404) return 'free';
        // 301: the bucket is in another region. 403: the bucket is not ours, or may not be read.
        if (status === 301 || status === 403) return 'taken';
        throw error;
      }
    },
    async secret(name) {
      try {
        const { DeletedDate } = await new SecretsManagerClient(options).send(
          new DescribeSecretCommand({ SecretId: name }),
        );
        return DeletedDate === undefined ? 'there' : 'being deleted';
      } catch (error) {
        if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
        throw error;
      }
    },
    async key(arn) {
      const kms = new KMSClient(options);
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: arn }));
      const { Policy = '{}' } = await kms.send(new GetKeyPolicyCommand({ KeyId: arn, PolicyName: 'default' }));
      return {
        isEnabled: KeyMetadata?.KeyState === 'Enabled',
        isSymmetric: KeyMetadata?.KeySpec === 'SYMMETRIC_DEFAULT',
        policy: JSON.parse(Policy),
      };
    },
  };
}
