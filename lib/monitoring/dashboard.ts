import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  type Metric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { metricsNamespace } from '../../lambdas/contract/environment.ts';
import { metricNames } from '../../lambdas/contract/metrics.ts';
import { crashMetric } from './alarms.ts';
import { each, graph, type GraphTarget, metric, sum, width } from './dashboard-graphs.ts';

export interface LakeDashboardProps {
  readonly workspace: string;
  readonly alarms: readonly Alarm[];
  /** Dimensions of the project's own metrics. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** The functions that process rows. They cause most of the functions' cost. */
  readonly rowFunctions: readonly (GraphTarget & { readonly memoryMiB: number })[];
  readonly queues: readonly GraphTarget[];
  /** Queues with the most messages. */
  readonly rowQueues: readonly GraphTarget[];
  readonly deadLetterQueues: readonly GraphTarget[];
  /** The webhook endpoint's API; empty if webhooks are off. */
  readonly webhookApis: readonly GraphTarget[];
  readonly athenaWorkgroup: string;
  readonly requestsPerMinute: number;
  /** Log group in which publish logs a line about each table of a run. */
  readonly publishLogGroupName: string;
}

const fullWidth = 24;
const tableLine = "filter message = 'A table of the run is over.'";

/**
 * One page: alarms, runs, tables, the API against its limit, queues, functions, webhooks and cost. AWS gives each
 * account three free dashboards of up to 50 metrics; a test counts the metrics of this one. AWS counts the lines of
 * graphs, and the metrics that an expression reads or can find. It does not count alarm states and log queries.
 */
export class LakeDashboard extends Construct {
  constructor(scope: Construct, id: string, props: LakeDashboardProps) {
    super(scope, id);
    new Dashboard(this, 'Dashboard', {
      dashboardName: `prospect-lake-${props.workspace}`,
      defaultInterval: Duration.days(7),
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...props.alarms], width: fullWidth, height: 6 })],
        runs(props),
        tables(props),
        api(props),
        queues(props),
        functions(props),
        webhooks(props),
        cost(props),
      ],
    });
  }
}

function own(props: LakeDashboardProps, metricName: string, period: Duration, statistic = sum): Metric {
  return metric(metricsNamespace, metricName, props.dimensions, { period, statistic });
}

function runs(props: LakeDashboardProps): IWidget[] {
  const { runComplete, runPartial, runFailed, stalestTableHours } = metricNames;
  const hour = Duration.hours(1);
  return [
    graph(
      'Runs',
      [runComplete, runPartial, runFailed].map((name) => own(props, name, hour)),
    ),
    graph(
      'Freshness: hours since the stalest table was read completely',
      [own(props, stalestTableHours, hour, 'Maximum')],
      {
        unit: 'hours',
      },
    ),
  ];
}

function tables({ publishLogGroupName }: LakeDashboardProps): IWidget[] {
  const table = (title: string, ...lines: string[]) =>
    new LogQueryWidget({
      title,
      width,
      height: 9,
      logGroupNames: [publishLogGroupName],
      view: LogQueryVisualizationType.TABLE,
      queryLines: [tableLine, ...lines],
    });
  return [
    table(
      'Rows and requests by table',
      'stats sum(rowsWritten) as rows, sum(requests) as requests by table',
      'sort rows desc',
    ),
    table(
      'Freshness by table: its latest run',
      'stats latest(status) as state, latest(hoursSinceComplete) as hours_since_complete, max(@timestamp) as at by table',
      'sort hours_since_complete desc',
    ),
  ];
}

function api(props: LakeDashboardProps): IWidget[] {
  const { apiRequests, apiUnauthorized, apiForbidden, apiRateLimited } = metricNames;
  const period = Duration.minutes(15);
  // Extract counts a task's requests when the task ends, so a single minute says little.
  const perMinute = new MathExpression({
    expression: 'requests / 15',
    usingMetrics: { requests: own(props, apiRequests, period) },
    period,
    label: 'requests a minute',
  });
  return [
    graph('API requests a minute, and the limit', [perMinute], { limit: props.requestsPerMinute }),
    graph(
      'API: 401, 403 and 429',
      [apiUnauthorized, apiForbidden, apiRateLimited].map((name) => own(props, name, period)),
    ),
  ];
}

function queues({ queues: work, deadLetterQueues }: LakeDashboardProps): IWidget[] {
  return [
    graph('Age of the oldest message', each(work, 'AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum'), {
      unit: 'seconds',
    }),
    graph('Dead letters', each(deadLetterQueues, 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum')),
  ];
}

function functions(props: LakeDashboardProps): IWidget[] {
  return [
    graph('Crashes of functions, and throttles in the account', [
      metric(`${metricsNamespace}/${props.workspace}`, crashMetric, {}, { statistic: sum, label: 'crashes' }),
      metric('AWS/Lambda', 'Throttles', {}, { statistic: sum, label: 'throttled, all functions of the account' }),
    ]),
    graph('Longest invocation', each(props.rowFunctions, 'AWS/Lambda', 'Duration', 'Maximum'), { unit: 'ms' }),
  ];
}

function webhooks({ webhookApis, dimensions }: LakeDashboardProps): IWidget[] {
  if (webhookApis.length === 0) return [];
  const hour = Duration.hours(1);
  const counted = (name: string) => metric(metricsNamespace, name, dimensions, { statistic: sum, period: hour });
  return [
    graph(
      'Webhook requests',
      ['Count', '4xx', '5xx'].flatMap((name) =>
        webhookApis.map((target) => metric('AWS/ApiGateway', name, target.dimensions, { statistic: sum, label: name })),
      ),
    ),
    graph('Deliveries that never arrived, and were requested again', [
      counted(metricNames.eventsNeverReceived),
      counted(metricNames.deliveriesRetried),
    ]),
  ];
}

function cost(props: LakeDashboardProps): IWidget[] {
  const day = Duration.days(1);
  const gibSeconds = props.rowFunctions.map(
    ({ id, dimensions, memoryMiB }, index) =>
      new MathExpression({
        expression: `d${index} / 1000 * ${memoryMiB / 1024}`,
        usingMetrics: { [`d${index}`]: metric('AWS/Lambda', 'Duration', dimensions, { statistic: sum, period: day }) },
        period: day,
        label: id,
      }),
  );
  const scanned = new MathExpression({
    // CloudWatch cannot sum over a dimension, so this sums the three query states. Only DML queries scan data.
    expression: `SUM(SEARCH('{AWS/Athena,QueryState,QueryType,WorkGroup} WorkGroup="${props.athenaWorkgroup}" QueryType="DML" MetricName="ProcessedBytes"', 'Sum', ${day.toSeconds()}))`,
    usingMetrics: {},
    period: day,
    label: 'bytes scanned by Athena',
  });
  return [
    graph('Cost: GiB-seconds a day', gibSeconds),
    graph('Cost: messages sent a day', each(props.rowQueues, 'AWS/SQS', 'NumberOfMessagesSent', sum, day)),
    graph('Cost: bytes scanned by Athena a day', [scanned], { unit: 'bytes' }),
  ];
}
