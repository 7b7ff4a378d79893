import { Stack, Token } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { QueueName } from '../../lambdas/contract/queue-names.ts';
import type { Access } from './access.ts';
import { grantCatalog } from './grant-catalog.ts';
import { currentTableNames } from '../lake-tables.ts';
import type { WorkspaceConfig } from '../config/workspace-config.ts';
import { acknowledge } from './acknowledge.ts';
import { lakeBucketName } from '../config/names.ts';
import { sendingKeyActions } from '../constructs/function-schedule.ts';
import type { PipelineFunction } from '../constructs/pipeline-function.ts';

export interface Grantable {
  readonly workspace: string;
  readonly bucket: IBucket;
  readonly apiKey: ISecret;
  readonly webhookSecret: ISecret;
  /** Secret with which personal data is hashed. Undefined if the configuration hashes nothing. */
  readonly hashKey: ISecret | undefined;
  readonly queues: Readonly<Record<QueueName, IQueue>>;
  /** The dead-letter queues of the work queues, and that of missed runs. */
  readonly deadLetterQueues: readonly IQueue[];
  readonly eventBus: IEventBus;
  /** Glue database of the current tables. */
  readonly databaseName: string;
  /** The customer's own key, if there is one. */
  readonly encryptionKey: IKey | undefined;
}

/** Grants a function exactly what its entry in the access table says. */
export function grantAccess(to: PipelineFunction, access: Access, on: Grantable): void {
  const { bucket, encryptionKey } = on;
  const objects = (keys: readonly string[]) => keys.map((key) => bucket.arnForObjects(key));
  allow(to, ['s3:GetObject'], objects(access.reads));
  allow(to, ['s3:PutObject'], objects(access.writes));
  allow(to, ['s3:DeleteObject'], objects(access.deletes ?? []));
  if (access.reads.length > 0)
    to.role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': listedPrefixes(access) } },
      }),
    );
  acknowledgeKeys(to, [...access.reads, ...access.writes, ...(access.deletes ?? [])], on.workspace);
  for (const queue of access.sends) allow(to, ['sqs:SendMessage'], [on.queues[queue].queueArn]);
  if (access.readsApiKey) allow(to, ['secretsmanager:GetSecretValue'], [on.apiKey.secretArn]);
  if (access.readsWebhookSecret) allow(to, ['secretsmanager:GetSecretValue'], [on.webhookSecret.secretArn]);
  if (access.readsHashKey && on.hashKey) allow(to, ['secretsmanager:GetSecretValue'], [on.hashKey.secretArn]);
  if (access.writesWebhookSecret) allow(to, ['secretsmanager:PutSecretValue'], [on.webhookSecret.secretArn]);
  if (access.managesTables)
    grantCatalog(to.role, { workspace: on.workspace, databaseName: on.databaseName, tables: currentTableNames });
  allow(
    to,
    ['sqs:GetQueueAttributes'],
    queuesToCount(access, on).map(({ queueArn }) => queueArn),
  );
  if (access.emitsEvents) allow(to, ['events:PutEvents'], [on.eventBus.eventBusArn]);
  if (encryptionKey) allow(to, keyActions(access), [encryptionKey.keyArn]);
}

function queuesToCount({ readsQueueDepth }: Access, { queues, deadLetterQueues }: Grantable): readonly IQueue[] {
  if (readsQueueDepth === undefined) return [];
  if (readsQueueDepth === 'all queues') return [...Object.values(queues), ...deadLetterQueues];
  return readsQueueDepth === 'dead letters' ? deadLetterQueues : readsQueueDepth.map((name) => queues[name]);
}

/**
 * The prefixes that the function may list: those that it lists, and the keys that it reads. For an absent object, S3
 * uses the key as the prefix when it decides between 404 and 403.
 */
function listedPrefixes({ reads, lists = [] }: Pick<Access, 'reads' | 'lists'>): string[] {
  const isListed = (key: string) => lists.some((prefix) => key.startsWith(prefix.replace(/\*$/, '')));
  return [...new Set([...lists, ...reads.filter((key) => !isListed(key))])];
}

/** KMS actions that SQS, S3 and Secrets Manager perform with the customer's key on behalf of the function. */
function keyActions({ reads, writes, sends, ...access }: Access): string[] {
  const takesSecret = access.readsApiKey ?? access.readsWebhookSecret ?? access.readsHashKey ?? false;
  const encrypts = writes.length > 0 || sends.length > 0 || access.writesWebhookSecret;
  const decrypts = reads.length > 0 || sends.length > 0 || access.writesWebhookSecret || takesSecret;
  return [...(decrypts ? ['kms:Decrypt'] : []), ...(encrypts ? ['kms:GenerateDataKey'] : [])];
}

/** Lets a function receive messages from its queue, and delay redelivery if its entry says so. */
export function grantConsume(to: PipelineFunction, queue: IQueue, { delaysRedelivery }: Access): void {
  const back = delaysRedelivery ? ['sqs:ChangeMessageVisibility'] : [];
  allow(to, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', ...back], [queue.queueArn]);
}

/** Lets Lambda send failed scheduled invocations to this queue, on behalf of the function. */
export function grantFailures(to: PipelineFunction, queue: IQueue, encryptionKey: IKey | undefined): void {
  allow(to, ['sqs:SendMessage'], [queue.queueArn]);
  if (encryptionKey) allow(to, sendingKeyActions, [encryptionKey.keyArn]);
}

/**
 * Lets a function read the vendor's export files: directly from the customer's bucket, or by assuming the configured
 * role.
 */
export function grantExportSource(to: PipelineFunction, source: WorkspaceConfig['exports']['source']): void {
  if (!source) return;
  if (source.roleArn) return allow(to, ['sts:AssumeRole'], [source.roleArn]);
  const bucket = `arn:${Stack.of(to).partition}:s3:::${source.bucket}`;
  allow(to, ['s3:GetObject'], [`${bucket}/${source.prefix}*`]);
  // Without this permission S3 answers 403 for a file that does not exist yet.
  to.role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucket],
      conditions: { StringLike: { 's3:prefix': `${source.prefix}*` } },
    }),
  );
  const reason = 'The vendor chooses the keys of export files.';
  const partition = Token.isUnresolved(Stack.of(to).partition) ? '<AWS::Partition>' : Stack.of(to).partition;
  acknowledge(to.role, `AwsSolutions-IAM5[Resource::arn:${partition}:s3:::${source.bucket}/${source.prefix}*]`, reason);
}

function allow(to: PipelineFunction, actions: string[], resources: string[]): void {
  if (resources.length === 0) return;
  to.role.addToPolicy(new PolicyStatement({ actions, resources }));
}

/**
 * Acknowledges cdk-nag's finding for each key that contains a wildcard. The finding's id contains the exact ARN, with
 * `<AWS::…>` for a pseudo parameter.
 */
function acknowledgeKeys(to: PipelineFunction, keys: readonly string[], workspace: string): void {
  const { partition, account, region } = Stack.of(to);
  const shown = (value: string, name: string) => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  const bucketName = lakeBucketName(workspace, shown(account, 'AccountId'), shown(region, 'Region'));
  for (const key of new Set(keys.filter((pattern) => pattern.includes('*')))) {
    acknowledge(
      to.role,
      `AwsSolutions-IAM5[Resource::arn:${shown(partition, 'Partition')}:s3:::${bucketName}/${key}]`,
      'The ids of runs, tasks and chunks in the keys are not known beforehand; the rest of the key is.',
    );
  }
}
