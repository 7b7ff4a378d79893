import { prefixes } from '../lambdas/contract/object-keys.ts';
import { secretName, stackNames } from '../lambdas/contract/outputs.ts';
import { queueNames } from '../lambdas/contract/queue-names.ts';
import { databaseName, functionName, lakeBucketName, queuePattern, rolePath } from '../lib/config/names.ts';
import { arn, bucketArn, pausedScheduleArns, type PolicyTarget, roleArn } from './policy-target.ts';
import { allow, keyUse, type Policy, policy } from './policy.ts';

/**
 * For a person on call: every command of `npx prospect-lake ops` but `audit`, `forget` and `rehash`. It reads no secret,
 * deletes no object, and writes only records of runs. It reads rows: `trace` shows them, a replay looks for raw chunks,
 * and dead letters hold bodies of webhooks.
 */
export function operate(target: PolicyTarget): Policy {
  const { workspace, account, region } = target;
  const bucket = lakeBucketName(workspace, account, region);
  const functionArn = (name: string) => arn(target, 'lambda', `function:${functionName(workspace, name)}`);
  return policy(
    allow(
      'FindTheWorkspace',
      ['cloudformation:DescribeStacks'],
      Object.values(stackNames(workspace)).map((stack) => arn(target, 'cloudformation', `stack/${stack}/*`)),
    ),
    allow('BeginRunsAndRotate', ['lambda:InvokeFunction'], ['plan', 'register'].map(functionArn)),
    allow(
      'PauseTheQueues',
      ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
      [arn(target, 'lambda', 'event-source-mapping:*')],
      { ArnLike: { 'lambda:FunctionArn': queueNames.map(functionArn) } },
    ),
    allow('PauseTheSchedules', ['scheduler:GetSchedule', 'scheduler:UpdateSchedule'], pausedScheduleArns(target)),
    allow('KeepTheRoleOfASchedule', ['iam:PassRole'], [roleArn(target, `${rolePath(workspace).slice(1)}*`)], {
      StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
    }),
    allow(
      'SendWorkAgain',
      [
        'sqs:ChangeMessageVisibility',
        'sqs:DeleteMessage',
        'sqs:GetQueueAttributes',
        'sqs:ReceiveMessage',
        'sqs:SendMessage',
      ],
      [arn(target, 'sqs', queuePattern(workspace))],
    ),
    allow('ReadTheObjects', ['s3:GetObject'], [bucketArn(target, `${bucket}/*`)]),
    allow('ListTheObjects', ['s3:ListBucket'], [bucketArn(target, bucket)]),
    allow('ApproveAndReplay', ['s3:PutObject'], [bucketArn(target, `${bucket}/${prefixes.runs}*`)]),
    ...keyUse(target, 'UseTheKey'),
  );
}

/**
 * For a person who maintains the rows: what an operator may do, and also `audit`, with or without `--repair`, `forget`
 * and `rehash`. It reads the API key and the hash key, and rewrites and deletes objects.
 */
export function maintain(target: PolicyTarget): Policy {
  const { workspace, account, region } = target;
  const bucket = lakeBucketName(workspace, account, region);
  const readSecret = (sid: string, name: 'api-key' | 'hash-key') =>
    allow(
      sid,
      ['secretsmanager:GetSecretValue'],
      [arn(target, 'secretsmanager', `secret:${secretName(workspace, name)}-??????`)],
    );
  return policy(
    ...operate(target).Statement,
    allow('RewriteRows', ['s3:DeleteObject', 's3:PutObject'], [bucketArn(target, `${bucket}/*`)]),
    allow(
      'PointToNewTableVersions',
      ['glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable'],
      ['catalog', `database/${databaseName(workspace)}`, `table/${databaseName(workspace)}/*`].map((name) =>
        arn(target, 'glue', name),
      ),
    ),
    readSecret('HashAsTheFunctionsDo', 'hash-key'),
    readSecret('AskTheApi', 'api-key'),
  );
}
