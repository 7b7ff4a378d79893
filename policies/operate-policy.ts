import { secretName, stackNames } from '../lambdas/contract/outputs.ts';
import { queueNames } from '../lambdas/contract/queue-names.ts';
import { databaseName, functionName, lakeBucketName, queuePattern, rolePath } from '../lib/config/names.ts';
import { arn, bucketArn, pausedScheduleArns, type PolicyTarget, roleArn } from './policy-target.ts';
import { allow, keyUse, type Policy, policy } from './policy.ts';

/** For a person who operates a workspace with `npx prospect-lake ops`. */
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
    allow('ForgetPersons', ['s3:DeleteObject'], [bucketArn(target, `${bucket}/*`)]),
    allow(
      'PointToNewTableVersions',
      ['glue:GetTable', 'glue:CreateTable', 'glue:UpdateTable'],
      ['catalog', `database/${databaseName(workspace)}`, `table/${databaseName(workspace)}/*`].map((name) =>
        arn(target, 'glue', name),
      ),
    ),
    allow(
      'HashAsTheFunctionsDo',
      ['secretsmanager:GetSecretValue'],
      [arn(target, 'secretsmanager', `secret:${secretName(workspace, 'hash-key')}-??????`)],
    ),
    allow('ReadAndPlanRuns', ['s3:GetObject', 's3:PutObject'], [bucketArn(target, `${bucket}/*`)]),
    allow('ListTheObjects', ['s3:ListBucket'], [bucketArn(target, bucket)]),
    allow(
      'AuditAgainstTheApi',
      ['secretsmanager:GetSecretValue'],
      [arn(target, 'secretsmanager', `secret:${secretName(workspace, 'api-key')}-??????`)],
    ),
    ...keyUse(target, 'UseTheKey'),
  );
}
