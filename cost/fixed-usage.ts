/** Usage of a deployment in which nothing happens. */

import { z } from 'zod';
import { prospectLakeApp } from '../lib/app.ts';
import { timesOf } from '../lib/config/cron.ts';
import type { WorkspaceConfig } from '../lib/config/workspace-config.ts';
import { watchCron } from '../lib/constructs/watcher.ts';
import { functions } from '../lib/functions.ts';
import type { PriceId } from './prices.ts';

export interface Usage {
  readonly price: PriceId;
  readonly quantity: number;
  /** What the usage is for. */
  readonly cause: 'nights' | 'webhooks' | 'exports' | 'tables' | 'queries' | 'always' | 'first load';
}

/** The next constants are known facts about the services, not measurements. */
export const daysPerMonth = 365 / 12;
/**
 * Lambda's concurrent pollers of a queue with and without a maximum concurrency. A receive takes up to 20 seconds, and
 * is billed even if no message arrives.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const pollersPerQueue = { bounded: 5, unbounded: 2 };
const receivesPerMonth = (daysPerMonth * 86_400) / 20;

const template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
});
const boundedMapping = z.object({ ScalingConfig: z.object({}) });
const mathAlarm = z.object({ Metrics: z.array(z.object({ MetricStat: z.unknown() })) });

/** Usage of an idle deployment, counted in the templates, so that a new alarm is included automatically. */
export function fixedUsage(config: WorkspaceConfig): Usage[] {
  const resources = prospectLakeApp([config], { bundled: false })
    .synth()
    .stacksRecursively.flatMap((stack) => Object.values(template.parse(stack.template).Resources));
  const count = (type: string) => resources.filter(({ Type }) => Type === type).length;
  const alarms = resources.filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  // An alarm on an expression is billed per metric in it.
  const metrics = alarms.map(
    ({ Properties }) =>
      mathAlarm.safeParse(Properties).data?.Metrics.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1,
  );
  const mappings = resources.filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping');
  const bounded = mappings.filter(({ Properties }) => boundedMapping.safeParse(Properties).success).length;
  const pollers = bounded * pollersPerQueue.bounded + (mappings.length - bounded) * pollersPerQueue.unbounded;
  const used: readonly [PriceId, number][] = [
    ['cloudwatch.alarms', metrics.reduce((sum, one) => sum + one, 0)],
    ['cloudwatch.dashboards', count('AWS::CloudWatch::Dashboard')],
    ['secrets.stored', count('AWS::SecretsManager::Secret')],
    // The workspace's own key is no part of the templates. Without it, no key costs anything.
    ['kms.keys', config.kmsKeyArn === undefined ? 0 : 1],
    ['sqs.requests', pollers * receivesPerMonth],
  ];
  return [...used, ...watcherUsage()].map(([price, quantity]) => ({ price, quantity, cause: 'always' }));
}

/** Usage of one check by the watcher: it reads the queues, its state, and the rows about the runs of a day or two. */
const watcherCheck = { seconds: 0.3, sqs: 11, s3Reads: 1, s3Writes: 2 };

function watcherUsage(): [PriceId, number][] {
  const checks = timesPerMonth(watchCron);
  return [
    ['lambda.requests', checks],
    ['lambda.gbSeconds', (checks * watcherCheck.seconds * functions.watch.memorySize) / 1_024],
    ['scheduler.invocations', checks],
    ['sqs.requests', checks * watcherCheck.sqs],
    ['s3.reads', checks * watcherCheck.s3Reads],
    ['s3.writes', checks * watcherCheck.s3Writes],
  ];
}

/** How often a schedule fires in an average month. */
export function timesPerMonth(cron: string): number {
  const { minutes, isDay } = timesOf(cron);
  const days = Array.from({ length: 365 }, (_, day) => new Date(Date.UTC(2027, 0, 1 + day)));
  return (days.filter(isDay).length * minutes.length) / 12;
}
