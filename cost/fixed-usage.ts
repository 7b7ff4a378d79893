import { z } from 'zod';
import type { Usage } from './bill.ts';
import { assumptions, daysPerMonth } from './workload.ts';

/** What a deployment costs without doing anything: counted in its templates, so that a new alarm counts by itself. */

export const fixedResources = z.object({
  alarmMetrics: z.int().nonnegative(),
  dashboards: z.int().nonnegative(),
  secrets: z.int().nonnegative(),
  keys: z.int().nonnegative(),
  queueMappings: z.int().nonnegative(),
  /** Of those, the ones with a maximum concurrency, which Lambda asks more often. */
  boundedMappings: z.int().nonnegative(),
});
export type FixedResources = z.infer<typeof fixedResources>;

const template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
const mathAlarm = z.object({ Metrics: z.array(z.object({ MetricStat: z.unknown().optional() })) });

/** @param templates of all stacks of a workspace, as CloudFormation reads them */
export function countFixed(templates: readonly unknown[]): FixedResources {
  const resources = templates.flatMap((one) => Object.values(template.parse(one).Resources));
  const count = (type: string) => resources.filter(({ Type }) => Type === type).length;
  const alarms = resources.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  return {
    // An alarm on an expression is billed by the metrics in it.
    alarmMetrics: alarms.reduce((sum, { Properties }) => {
      const math = mathAlarm.safeParse(Properties);
      return sum + (math.success ? math.data.Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length : 1);
    }, 0),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    secrets: count('AWS::SecretsManager::Secret'),
    keys: count('AWS::KMS::Key'),
    queueMappings: count('AWS::Lambda::EventSourceMapping'),
    boundedMappings: resources.filter(
      ({ Type, Properties }) => Type === 'AWS::Lambda::EventSourceMapping' && 'ScalingConfig' in Properties,
    ).length,
  };
}

/** A month of it. */
export function fixedUsage(fixed: FixedResources): Usage[] {
  const { pollersPerMapping, fewestPollers, pollSeconds, alarmMails } = assumptions;
  const pollers =
    fixed.boundedMappings * pollersPerMapping + (fixed.queueMappings - fixed.boundedMappings) * fewestPollers;
  const polls = (pollers * daysPerMonth * 86_400) / pollSeconds;
  const cause = 'always';
  return [
    { price: 'cloudwatch.alarms', quantity: fixed.alarmMetrics, cause },
    { price: 'cloudwatch.dashboards', quantity: fixed.dashboards, cause },
    { price: 'secrets.stored', quantity: fixed.secrets, cause },
    { price: 'kms.keys', quantity: fixed.keys, cause },
    { price: 'sqs.requests', quantity: polls, cause },
    { price: 'sns.mails', quantity: alarmMails, cause },
  ];
}
