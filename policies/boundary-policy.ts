/** The permissions boundary for the roles of the stacks: the most that any of them can do. */

import { networkActions } from '../lib/access/network-actions.ts';
import { arn, bucketArn, type PolicyTarget } from './policy-target.ts';
import { allow, keyUse, type Policy, policy } from './policy.ts';

/** Bounds the roles of all workspaces of an account. `exports.source` and the key are those of one workspace. */
export function boundary(target: PolicyTarget): Policy {
  const { exportSource } = target;
  return policy(
    allow(
      'TheirObjects',
      ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:GetObject', 's3:ListBucket', 's3:PutObject'],
      [bucketArn(target, 'prospect-lake-*')],
    ),
    allow('TheirQueues', queueActions, [arn(target, 'sqs', 'ProspectLake-*')]),
    allow(
      'TheirSecrets',
      ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
      [arn(target, 'secretsmanager', 'secret:prospect-lake/*')],
    ),
    allow('TheirFunctions', ['lambda:InvokeFunction'], [arn(target, 'lambda', 'function:prospect-lake-*')]),
    allow(
      'TheirLogs',
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      [arn(target, 'logs', 'log-group:ProspectLake-*')],
    ),
    allow(
      'TheirTables',
      ['glue:CreateTable', 'glue:GetTable', 'glue:UpdateTable'],
      [
        arn(target, 'glue', 'catalog'),
        arn(target, 'glue', 'database/prospect_lake_*'),
        arn(target, 'glue', 'table/prospect_lake_*'),
      ],
    ),
    allow('TheirEvents', ['events:PutEvents'], [arn(target, 'events', 'event-bus/default')]),
    allow('PostsOfNotices', ['events:InvokeApiDestination'], [arn(target, 'events', 'api-destination/ProspectLake-*')]),
    // What Lambda needs to connect a function to the subnets of `vpc`. The code of the functions is denied it.
    allow('NetworkOfLambda', networkActions, ['*']),
    ...(exportSource
      ? [allow('FilesOfExports', ['s3:GetObject'], [bucketArn(target, `${exportSource.bucket}/*`)])]
      : []),
    ...(exportSource?.roleArn ? [allow('RoleOfExports', ['sts:AssumeRole'], [exportSource.roleArn])] : []),
    ...keyUse(target, 'TheirKey'),
  );
}

const queueActions = [
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
  'sqs:ReceiveMessage',
  'sqs:SendMessage',
];
