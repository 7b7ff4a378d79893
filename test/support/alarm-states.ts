/** Simulates the stack's CloudWatch alarms and its EventBridge rule, with only the features that the stack uses. */

import { z } from 'zod';
import { type Stack } from '../../local/cloud/cloudformation/template.ts';

export interface Datapoint {
  readonly namespace: string;
  readonly metric: string;
  readonly at: Date;
}

const alarm = z.object({
  AlarmName: z.string(),
  AlarmActions: z.array(z.object({ Ref: z.string() })).min(1),
  Namespace: z.string(),
  MetricName: z.string(),
  Statistic: z.literal('Sum'),
  Threshold: z.number(),
  Period: z.number(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number(),
  ComparisonOperator: z.enum(['LessThanThreshold', 'GreaterThanOrEqualToThreshold']),
  TreatMissingData: z.enum(['breaching', 'notBreaching']),
});
type Alarm = z.infer<typeof alarm>;

/** Names of the stack's alarms that are raised at this time, without their prefix. */
export function raisedAlarms({ resources }: Stack, datapoints: readonly Datapoint[], now: Date): string[] {
  return [...resources.values()]
    .filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .map(({ properties }) => alarm.parse(properties))
    .filter((each) => isRaised(each, datapoints, now))
    .map(({ AlarmName }) => AlarmName.slice(AlarmName.lastIndexOf('-') + 1));
}

/** Whether enough of the latest periods, counted back from `now`, breach the alarm's threshold. */
function isRaised(each: Alarm, datapoints: readonly Datapoint[], now: Date): boolean {
  const own = datapoints.filter(({ namespace, metric }) => namespace === each.Namespace && metric === each.MetricName);
  const breaches = Array.from({ length: each.EvaluationPeriods }, (_, index) => {
    const to = now.getTime() - index * each.Period * 1_000;
    const sum = own.filter(({ at }) => at.getTime() <= to && at.getTime() > to - each.Period * 1_000).length;
    if (sum === 0) return each.TreatMissingData === 'breaching';
    return each.ComparisonOperator === 'LessThanThreshold' ? sum < each.Threshold : sum >= each.Threshold;
  });
  return breaches.filter(Boolean).length >= each.DatapointsToAlarm;
}

const rule = z.object({
  EventPattern: z.object({
    source: z.array(z.string()),
    'detail-type': z.array(z.string()),
    detail: z.object({ workspace: z.array(z.string()) }),
  }),
  Targets: z.tuple([
    z.object({
      Arn: z.object({ Ref: z.string() }),
      InputTransformer: z.object({ InputPathsMap: z.record(z.string(), z.string()), InputTemplate: z.string() }),
    }),
  ]),
});
const detailOf = z.record(z.string(), z.unknown());

/** Texts that the stack's EventBridge rule sends to the SNS topic for these events. */
export function mailsOf(
  { resources }: Stack,
  events: readonly { readonly source: string; readonly detailType: string; readonly detail: unknown }[],
): string[] {
  const found = [...resources.values()].find(({ type }) => type === 'AWS::Events::Rule');
  const { EventPattern: pattern, Targets } = rule.parse(found?.properties);
  const { InputPathsMap, InputTemplate } = Targets[0].InputTransformer;
  return events.flatMap(({ source, detailType, detail }) => {
    const fields = detailOf.parse(detail);
    const isTaken =
      pattern.source.includes(source) &&
      pattern['detail-type'].includes(detailType) &&
      pattern.detail.workspace.includes(String(fields['workspace']));
    const filled = Object.entries(InputPathsMap).reduce(
      (text, [name, path]) => text.replaceAll(`<${name}>`, String(fields[path.replace('$.detail.', '')])),
      InputTemplate,
    );
    return isTaken ? [filled] : [];
  });
}
