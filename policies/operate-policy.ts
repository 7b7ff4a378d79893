import { stackNames } from '../lambdas/contract/outputs.ts';
import { queueNames } from '../lambdas/contract/queue-names.ts';
import { functionName, lakeBucketName, queuePattern, rolePath, scheduleName, secretName } from '../lib/config/names.ts';
import { arn, bucketArn, type Place, roleArn } from './place.ts';
import { allow, keyUse, type Policy, policy } from './policy.ts';

const scheduleNames = ['nightly', 'exports', 'reconciliation'] as const;

/** For a person who operates a workspace with `npm run ops`. */
export function operate(place: Place): Policy {
  const { workspace, account, region } = place;
  const bucket = lakeBucketName(workspace, account, region);
  const functionArn = (name: string) => arn(place, 'lambda', `function:${functionName(workspace, name)}`);
  return policy(
    allow(
      'FindTheWorkspace',
      ['cloudformation:DescribeStacks'],
      Object.values(stackNames(workspace)).map((stack) => arn(place, 'cloudformation', `stack/${stack}/*`)),
    ),
    allow('BeginRunsAndRotate', ['lambda:InvokeFunction'], ['plan', 'register'].map(functionArn)),
    allow(
      'PauseTheQueues',
      ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
      [arn(place, 'lambda', 'event-source-mapping:*')],
      { ArnLike: { 'lambda:FunctionArn': queueNames.map(functionArn) } },
    ),
    allow(
      'PauseTheSchedules',
      ['scheduler:GetSchedule', 'scheduler:UpdateSchedule'],
      scheduleNames.map((name) => arn(place, 'scheduler', `schedule/default/${scheduleName(workspace, name)}`)),
    ),
    allow('KeepTheRoleOfASchedule', ['iam:PassRole'], [roleArn(place, `${rolePath(workspace).slice(1)}*`)], {
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
      [arn(place, 'sqs', queuePattern(workspace))],
    ),
    allow('ReadAndPlanRuns', ['s3:GetObject', 's3:PutObject'], [bucketArn(place, `${bucket}/*`)]),
    allow('ListTheObjects', ['s3:ListBucket'], [bucketArn(place, bucket)]),
    allow(
      'AuditAgainstTheApi',
      ['secretsmanager:GetSecretValue'],
      [arn(place, 'secretsmanager', `secret:${secretName(workspace, 'api-key')}-??????`)],
    ),
    ...keyUse(place, 'UseTheKey'),
  );
}
