import type { IKey } from 'aws-cdk-lib/aws-kms';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type FunctionName, metricsNamespace, serviceName } from '../../lambdas/contract/environment.ts';
import { metricDimensions } from '../../lambdas/contract/metrics.ts';
import type { QueueName } from '../../lambdas/contract/queue-names.ts';
import { workgroupName } from '../config/names.ts';
import type { WorkspaceConfig } from '../config/workspace-config.ts';
import type { DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import type { PipelineFunction } from '../constructs/pipeline-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';
import { functions } from '../functions.ts';
import { Alarms, type AlarmTarget } from './alarm-constructs.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { crashMetric } from './alarms.ts';
import { AttentionMail } from './attention-mail.ts';
import { LakeDashboard } from './dashboard.ts';

export interface MonitoringProps {
  readonly config: WorkspaceConfig;
  /** The functions in this deployment. */
  readonly functions: ReadonlyMap<FunctionName, PipelineFunction>;
  readonly queues: Readonly<Record<QueueName, WorkQueue>>;
  readonly missedRuns: DeadLetterQueue;
  /** Id of the HTTP API that receives webhooks. Undefined if webhooks are off. */
  readonly webhookApiId: string | undefined;
  /** The customer's KMS key, if there is one. */
  readonly encryptionKey: IKey | undefined;
}

/** Names of the functions that every row passes through. Their queues have the same names. */
const forRows: ReadonlySet<string> = new Set(['extract', 'convert', 'publish']);

/** The topic for e-mails, the alarms and notices sent to it, and the dashboard if configured. */
export class Monitoring extends Construct {
  readonly topic: AlarmTopic;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { config, webhookApiId, encryptionKey } = props;
    this.topic = new AlarmTopic(this, 'Notifications', {
      workspace: config.name,
      existing: config.alarmTopicArn,
      email: config.alarmEmail,
      encryptionKey,
    });
    const { topic } = this.topic;
    new AttentionMail(this, 'Notices', { workspace: config.name, topic, undelivered: props.missedRuns });
    const watcher = props.functions.get('watch');
    const { alarms } = new Alarms(this, 'Alarms', {
      workspace: config.name,
      topic,
      targets: {
        watcher: watcher && {
          namespace: 'AWS/Lambda',
          dimensions: { FunctionName: watcher.function.functionName },
        },
        functions: this.#crashes(props),
        webhookApi:
          webhookApiId === undefined ? undefined : { namespace: 'AWS/ApiGateway', dimensions: { ApiId: webhookApiId } },
      },
    });
    if (config.dashboard) this.#dashboard(alarms, props);
  }

  /**
   * Counts crashes of the functions in one metric, from the report that Lambda logs after each invocation. Without the
   * webhook receiver: its crashes are 5xx answers of the webhook address, which have their own alarm.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report
   */
  #crashes({ config, functions: made }: MonitoringProps): AlarmTarget {
    const metricNamespace = `${metricsNamespace}/${config.name}`;
    const filterPattern = FilterPattern.all(
      FilterPattern.stringValue('$.type', '=', 'platform.report'),
      FilterPattern.stringValue('$.record.status', '!=', 'success'),
    );
    for (const [name, { logGroup }] of made) {
      if (name === 'webhook') continue;
      new MetricFilter(this, `Crashes-${name}`, {
        logGroup,
        filterPattern,
        metricNamespace,
        metricName: crashMetric,
        metricValue: '1',
      });
    }
    return { namespace: metricNamespace, dimensions: {} };
  }

  #dashboard(alarms: Alarms['alarms'], props: MonitoringProps): void {
    const { config, webhookApiId, queues, missedRuns } = props;
    const work = Object.entries(queues);
    const queued = work.map(([id, { queue }]) => ({ id, dimensions: { QueueName: queue.queueName } }));
    const made = [...props.functions].map(([name, { function: lambda, logGroup }]) => ({
      id: name,
      dimensions: { FunctionName: lambda.functionName },
      memoryMiB: functions[name].memorySize,
      logGroupName: logGroup.logGroupName,
    }));
    new LakeDashboard(this, 'Overview', {
      workspace: config.name,
      alarms,
      dimensions: { [metricDimensions.service]: serviceName, [metricDimensions.workspace]: config.name },
      rowFunctions: made.filter(({ id: name }) => forRows.has(name)),
      queues: queued,
      rowQueues: queued.filter(({ id: name }) => forRows.has(name)),
      deadLetterQueues: [
        ...work.map(([id, { deadLetters }]) => ({ id, dimensions: { QueueName: deadLetters.queueName } })),
        { id: 'missed-runs', dimensions: { QueueName: missedRuns.queueName } },
      ],
      webhookApis: webhookApiId === undefined ? [] : [{ id: '', dimensions: { ApiId: webhookApiId } }],
      athenaWorkgroup: workgroupName(config.name),
      requestsPerMinute: config.requestsPerMinute,
      publishLogGroupName: made.find(({ id: name }) => name === 'publish')?.logGroupName ?? '',
    });
  }
}
