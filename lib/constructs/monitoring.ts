import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type FunctionName, serviceName } from '../../lambdas/contract/environment.ts';
import { metricDimensions } from '../../lambdas/contract/metrics.ts';
import type { QueueName } from '../access.ts';
import { functions } from '../functions.ts';
import type { WorkspaceConfig } from '../workspace-config.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { Alarms, type AlarmTarget } from './alarms.ts';
import { athenaWorkgroupName } from './athena-workgroup.ts';
import { LakeDashboard } from './dashboard.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { WorkQueue } from './work-queue.ts';

export interface MonitoringProps {
  readonly config: WorkspaceConfig;
  /** Those that this deployment has. */
  readonly functions: ReadonlyMap<FunctionName, PipelineFunction>;
  readonly queues: Readonly<Record<QueueName, WorkQueue>>;
  readonly missedRuns: DeadLetterQueue;
  /** Undefined where webhooks are off. */
  readonly webhookApiId: string | undefined;
  /** Of the customer. */
  readonly encryptionKey: IKey | undefined;
}

/** The topic, the alarms and the dashboard of a workspace, on what its stack is made of. */
export class Monitoring extends Construct {
  readonly topic: AlarmTopic;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { config, webhookApiId } = props;
    const dimensions = { [metricDimensions.service]: serviceName, [metricDimensions.workspace]: config.name };
    const queueTarget = (queueId: string, queue: { queueName: string }): AlarmTarget => ({
      id: queueId,
      dimensions: { QueueName: queue.queueName },
    });
    const named = Object.entries(props.queues);
    const work = named.map(([name, { queue }]) => queueTarget(name, queue));
    const deadLetterQueues = [
      ...named.map(([name, { deadLetters }]) => queueTarget(name, deadLetters)),
      queueTarget('missed-runs', props.missedRuns),
    ];
    const made = [...props.functions].map(([name, { function: lambda, logGroup }]) => ({
      id: name,
      dimensions: { FunctionName: lambda.functionName },
      timeout: functions[name].timeout,
      memoryMiB: functions[name].memorySize,
      logGroupName: logGroup.logGroupName,
    }));
    const one: AlarmTarget = { id: '', dimensions };
    const webhookApis = webhookApiId === undefined ? [] : [{ id: '', dimensions: { ApiId: webhookApiId } }];
    this.topic = new AlarmTopic(this, 'Notifications', {
      workspace: config.name,
      email: config.alarmEmail,
      encryptionKey: props.encryptionKey,
    });
    const { alarms } = new Alarms(this, 'Alarms', {
      workspace: config.name,
      topic: this.topic.topic,
      runExpectedHours: config.runExpectedHours,
      targets: {
        workspace: [one],
        webhooks: webhookApiId === undefined ? [] : [one],
        webhookApi: webhookApis,
        extractQueue: work.filter(({ id: name }) => name === 'extract'),
        shortQueue: work.filter(({ id: name }) => name !== 'extract'),
        deadLetterQueue: deadLetterQueues,
        function: made,
      },
    });
    new LakeDashboard(this, 'Overview', {
      workspace: config.name,
      alarms,
      dimensions,
      functions: made,
      queues: work,
      deadLetterQueues,
      webhookApis,
      athenaWorkgroup: athenaWorkgroupName(config.name),
      requestsPerMinute: config.requestsPerMinute,
      publishLogGroupName: made.find(({ id: name }) => name === 'publish')?.logGroupName ?? '',
    });
  }
}
