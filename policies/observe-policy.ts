import { pageKey, pipelineStateKey, prefixes } from '../lambdas/contract/object-keys.ts';
import { stackNames } from '../lambdas/contract/outputs.ts';
import { functionName, lakeBucketName, queuePattern } from '../lib/config/names.ts';
import { arn, bucketArn, pausedScheduleArns, type PolicyTarget } from './policy-target.ts';
import { allow, keyUse, type Policy, policy } from './policy.ts';

/**
 * For a person who watches a workspace: sees `ops status`, the page, the records of runs, logs, alarms and metrics.
 * Changes nothing, and reads no row of the API. So it gives no access to Athena either, whose results would be kept
 * beside those of other people.
 */
export function observe(target: PolicyTarget): Policy {
  const { workspace, account, region } = target;
  const bucket = lakeBucketName(workspace, account, region);
  const stacks = stackNames(workspace);
  const shown = [`${prefixes.runs}*`, pipelineStateKey, pageKey];
  return policy(
    allow(
      'FindTheWorkspace',
      ['cloudformation:DescribeStacks'],
      Object.values(stacks).map((stack) => arn(target, 'cloudformation', `stack/${stack}/*`)),
    ),
    allow(
      'SeeRunsAndThePage',
      ['s3:GetObject'],
      shown.map((key) => bucketArn(target, `${bucket}/${key}`)),
    ),
    // Of `state/` the names are shown: whether a forgetting is under way, for example, but not of whom.
    allow('ListRuns', ['s3:ListBucket'], [bucketArn(target, bucket)], {
      StringLike: { 's3:prefix': [`${prefixes.runs}*`, `${prefixes.state}*`, pageKey] },
    }),
    allow('SeeWhatWaits', ['sqs:GetQueueAttributes'], [arn(target, 'sqs', queuePattern(workspace))]),
    allow('SeeWhetherItIsPaused', ['scheduler:GetSchedule'], pausedScheduleArns(target)),
    allow(
      'ReadLogs',
      ['logs:DescribeLogStreams', 'logs:FilterLogEvents', 'logs:GetLogEvents'],
      [`${stacks.pipeline}-*`, `/aws/vendedlogs/${functionName(workspace, 'webhook')}:*`].map((group) =>
        arn(target, 'logs', `log-group:${group}`),
      ),
    ),
    // AWS cannot limit these to a workspace.
    allow(
      'SeeAlarmsAndMetrics',
      [
        'cloudwatch:DescribeAlarmHistory',
        'cloudwatch:DescribeAlarms',
        'cloudwatch:GetDashboard',
        'cloudwatch:GetMetricData',
        'cloudwatch:ListDashboards',
        'cloudwatch:ListMetrics',
        'logs:DescribeLogGroups',
      ],
      ['*'],
    ),
    ...keyUse(target, 'ReadWhatTheKeyEncrypts'),
  );
}
