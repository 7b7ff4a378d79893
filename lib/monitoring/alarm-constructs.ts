import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type AlarmRow, alarms, type Watched } from './alarms.ts';

/** One thing that is watched. */
export interface AlarmTarget {
  /** Tells the alarms of one row apart: empty where there is one alone. */
  readonly id: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Of a function. */
  readonly timeout?: Duration;
}

export interface AlarmsProps {
  readonly workspace: string;
  readonly topic: ITopic;
  readonly runExpectedHours: number;
  /** What this deployment has of each kind; none of it: no alarm. */
  readonly targets: Readonly<Record<Watched, readonly AlarmTarget[]>>;
}

const missingData = {
  breaching: TreatMissingData.BREACHING,
  notBreaching: TreatMissingData.NOT_BREACHING,
  ignore: TreatMissingData.IGNORE,
} as const;

/** The alarms of the table, each on what this deployment has of the kind that it watches. */
export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.alarms = alarms.flatMap((row) => props.targets[row.watches].map((target) => this.#alarm(row, target, props)));
  }

  #alarm(row: AlarmRow, target: AlarmTarget, { workspace, topic, runExpectedHours }: AlarmsProps): Alarm {
    const { threshold } = row;
    const limits = { runExpectedHours, timeoutMilliseconds: target.timeout?.toMilliseconds() ?? 0 };
    const periods = row.periods?.(limits) ?? 1;
    const alarm = new Alarm(this, `${row.name}${target.id}`, {
      alarmName: ['prospect-lake', workspace, row.name, target.id].filter((part) => part !== '').join('-'),
      alarmDescription: `${row.means} What to do: docs/runbook.md, ${row.name}.`,
      metric: new Metric({
        namespace: row.namespace,
        metricName: row.metric,
        dimensionsMap: { ...target.dimensions },
        statistic: row.statistic,
        period: Duration.minutes(row.periodMinutes),
      }),
      threshold: 'below' in threshold ? threshold.below : threshold.atLeast(limits),
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
