import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type AlarmRow, alarms, type Watched } from './alarms.ts';

/** Where CloudWatch keeps the metrics that an alarm watches. */
export interface AlarmTarget {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface AlarmsProps {
  readonly workspace: string;
  readonly topic: ITopic;
  /**
   * The metrics of each thing that has an alarm. Undefined if this deployment does not have the thing, and so needs no
   * alarm for it.
   */
  readonly targets: Readonly<Record<Watched, AlarmTarget | undefined>>;
}

const missingData = {
  breaching: TreatMissingData.BREACHING,
  notBreaching: TreatMissingData.NOT_BREACHING,
} as const;

/** The CloudWatch alarms of alarms.ts, except those that watch something which this deployment does not have. */
export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.alarms = alarms.flatMap((row) => {
      const target = props.targets[row.watches];
      return target ? [this.#alarm(row, target, props)] : [];
    });
  }

  #alarm(row: AlarmRow, { namespace, dimensions }: AlarmTarget, { workspace, topic }: AlarmsProps): Alarm {
    const { threshold, periods = 1 } = row;
    const alarm = new Alarm(this, row.name, {
      alarmName: `prospect-lake-${workspace}-${row.name}`,
      alarmDescription: `${row.means} What to do: docs/runbook.md, ${row.name}.`,
      metric: new Metric({
        namespace,
        metricName: row.metric,
        dimensionsMap: { ...dimensions },
        statistic: 'Sum',
        period: Duration.minutes(row.periodMinutes),
      }),
      threshold: 'below' in threshold ? threshold.below : threshold.atLeast,
      comparisonOperator:
        'below' in threshold
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: periods,
      treatMissingData: missingData[row.missing ?? 'notBreaching'],
    });
    alarm.addAlarmAction(new SnsAction(topic));
    return alarm;
  }
}
