import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { type FunctionName, serviceName } from '../../lambdas/contract/environment.ts';
import { metricDimensions } from '../../lambdas/contract/metrics.ts';
import type { QueueName } from '../../lambdas/contract/queue-names.ts';
import { functions } from '../functions.ts';
import type { WorkspaceConfig } from '../config/workspace-config.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { Alarms, type AlarmTarget } from './alarm-constructs.ts';
import { workgroupName } from '../config/names.ts';
import { expectedHours } from '../config/schedule-pause.ts';
import { LakeDashboard } from './dashboard.ts';
import type { DeadLetterQueue } from '../constructs/dead-letter-queue.ts';
import type { PipelineFunction } from '../constructs/pipeline-function.ts';
import type { WorkQueue } from '../constructs/work-queue.ts';

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

/**
 * Functions whose time can run out one day: they read what grows, and end when it is read. The others have no
 * alarm on their duration. Extract stops by itself while there is time, and goes on in another message; a task
 * of Plan, Convert and Refresh is as large at most as the configuration or the code says (slices, a chunk, a
 * batch of events); Webhook and Register make the same few calls each time. A time-out of any of them is an
 * error, which FunctionErrors or WebhookServerErrors tells.
 */
const growing: ReadonlySet<FunctionName> = new Set(['publish', 'export', 'reconcile']);

/** What each row goes through: functions, and queues of the same names. The rest is cents: docs/cost.md. */
const costly: ReadonlySet<string> = new Set(['extract', 'convert', 'publish']);

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
    // A crash of Webhook is a 5xx to who called it, which WebhookServerErrors counts over the same minutes.
    const watched = made.filter(({ id: name }) => name !== 'webhook');
    const growingFunctions = made.filter(({ id: name }) => growing.has(name));
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
      runExpectedHours: expectedHours(config),
      targets: {
        workspace: [one],
        webhooks: webhookApiId === undefined ? [] : [one],
        webhookApi: webhookApis,
        extractQueue: work.filter(({ id: name }) => name === 'extract'),
        shortQueue: work.filter(({ id: name }) => name !== 'extract'),
        deadLetterQueue: deadLetterQueues,
        function: watched,
        growingFunction: growingFunctions,
        region: [{ id: '', dimensions: {} }],
      },
    });
    new LakeDashboard(this, 'Overview', {
      workspace: config.name,
      alarms,
      dimensions,
      functions: watched,
      growingFunctions,
      costlyFunctions: made.filter(({ id: name }) => costly.has(name)),
      queues: work,
      costlyQueues: work.filter(({ id: name }) => costly.has(name)),
      deadLetterQueues,
      webhookApis,
      athenaWorkgroup: workgroupName(config.name),
      requestsPerMinute: config.requestsPerMinute,
      publishLogGroupName: made.find(({ id: name }) => name === 'publish')?.logGroupName ?? '',
    });
  }
}
