import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { EventInvokeConfig, type EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { EnvironmentName, FunctionName } from '../lambdas/contract/environment.ts';
import { pageKey } from '../lambdas/contract/object-keys.ts';
import { forEachQueue, idOf, type QueueName } from '../lambdas/contract/queue-names.ts';
import { accessOf } from './access/access.ts';
import { handlerCode } from './bundling.ts';
import { configuredValues } from './config/configured-values.ts';
import { expectedHours } from './config/schedule-pause.ts';
import { MissedRuns } from './constructs/missed-runs.ts';
import { functionName, lakeBucketName, type ScheduleName } from './config/names.ts';
import { FunctionSchedule } from './constructs/function-schedule.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { PipelineFunction } from './constructs/pipeline-function.ts';
import { putInVpc } from './constructs/in-vpc.ts';
import { consumeQueue } from './constructs/queue-consumer.ts';
import { watchCron, watchedQueues } from './constructs/watcher.ts';
import { WebhookReceiver } from './constructs/webhook-receiver.ts';
import { WorkQueue } from './constructs/work-queue.ts';
import type { DataStack } from './data-stack.ts';
import { environmentFor, functions } from './functions.ts';
import { grantAccess, grantConsume, grantExportSource, grantFailures } from './access/grants.ts';
import { addOperationOutputs, type Operated } from './operation-outputs.ts';
import * as limits from './queue-limits.ts';
import type { WorkspaceConfig } from './config/workspace-config.ts';

export interface PipelineStackProps extends StackProps {
  readonly config: WorkspaceConfig;
  readonly data: DataStack;
}

/** The stack of the resources that hold no data and can be created anew: queues, functions and schedules. */
export class PipelineStack extends Stack {
  /** The topic that gets the alarms and what a person must do. */
  readonly alarmTopic: ITopic;

  constructor(scope: Construct, id: string, { config, data, ...props }: PipelineStackProps) {
    super(scope, id, props);
    const { encryptionKey } = data;
    const workQueues = forEachQueue(
      (name) =>
        new WorkQueue(this, `${idOf(name)}Queue`, {
          consumerTimeout: functions[name].timeout,
          maxReceiveCount: limits.maxReceiveCount,
          encryptionKey,
        }),
    );
    const queues = forEachQueue((name) => workQueues[name].queue);
    const missed = new MissedRuns(this, 'MissedRuns', encryptionKey);
    const made = new Map<FunctionName, PipelineFunction>();
    const mappings: EventSourceMapping[] = [];
    // Referenced by its fixed name, so that this stack cannot change the bucket.
    const bucket = Bucket.fromBucketName(this, 'Lake', lakeBucketName(config.name, this.account, this.region));
    const eventBus = EventBus.fromEventBusName(this, 'EventBus', 'default');

    const values: Record<EnvironmentName, string> = {
      ...configuredValues(config),
      LAKE_BUCKET: bucket.bucketName,
      PAGE_KEY: pageKey,
      LOCAL_FLAGS: '',
      API_KEY_SECRET_ARN: data.apiKey.secretArn,
      EXTRACT_QUEUE_URL: queues.extract.queueUrl,
      CONVERT_QUEUE_URL: queues.convert.queueUrl,
      PUBLISH_QUEUE_URL: queues.publish.queueUrl,
      EVENT_BUS_NAME: eventBus.eventBusName,
      MAX_RECEIVE_COUNT: String(limits.maxReceiveCount),
      RETRY_BASE_SECONDS: String(limits.retryBaseSeconds),
      PUBLISH_CHECK_SECONDS: String(limits.publishCheckSeconds),
      REFRESH_QUEUE_URL: queues.refresh.queueUrl,
      EXPORT_QUEUE_URL: queues.export.queueUrl,
      WEBHOOK_SECRET_ARN: data.webhookSecret.secretArn,
      HASH_KEY_SECRET_ARN: data.hashKey?.secretArn ?? '',
      GLUE_DATABASE: data.databaseName,
      EXPECTED_HOURS: String(expectedHours(config)),
      WATCHED_QUEUES: this.toJsonString(watchedQueues(workQueues, missed)),
    };
    const pipelineFunction = (functionId: string, name: FunctionName) => {
      const { entry, ...size } = functions[name];
      const one = new PipelineFunction(this, functionId, {
        ...size,
        workspace: config.name,
        name,
        code: handlerCode(entry),
        environment: environmentFor(name, values),
        logRetention: config.retention.logDays,
        encryptionKey,
        callsItself: accessOf(name, config).sends.some((queue) => queue === name),
      });
      if (config.vpc) putInVpc(one, functionName(config.name, name), config.vpc);
      made.set(name, one);
      grantAccess(one, accessOf(name, config), {
        workspace: config.name,
        bucket,
        apiKey: data.apiKey,
        webhookSecret: data.webhookSecret,
        hashKey: data.hashKey,
        encryptionKey,
        queues,
        deadLetterQueues: [missed, ...Object.values(workQueues).map(({ deadLetters }) => deadLetters)],
        eventBus,
        databaseName: data.databaseName,
      });
      return one;
    };
    const consume = (
      consumer: PipelineFunction,
      queue: QueueName,
      maxConcurrency: number | undefined,
      batch: { batchSize?: number; windowSeconds?: number } = {},
    ) => {
      grantConsume(consumer, queues[queue], accessOf(queue, config));
      mappings.push(consumeQueue(consumer, { queue: queues[queue], maxConcurrency, ...batch }));
    };

    const schedules: CfnSchedule[] = [];
    const schedule = (id: string, name: ScheduleName, target: PipelineFunction, cron: string, does: string) => {
      grantFailures(target, missed, encryptionKey);
      new EventInvokeConfig(target, 'OnFailure', {
        function: target.function,
        retryAttempts: 2,
        onFailure: { bind: () => ({ destination: missed.queueArn }) },
      });
      const made = new FunctionSchedule(this, id, {
        workspace: config.name,
        name,
        description: `${does} of the ProspectB2B workspace '${config.name}'.`,
        cron,
        timezone: config.schedule.timezone,
        flexibleWindowMinutes: config.flexibleWindowMinutes,
        target: target.function,
        deadLetters: missed,
        encryptionKey,
      });
      schedules.push(made.schedule);
    };

    const plan = pipelineFunction('Plan', 'plan');
    consume(pipelineFunction('Extract', 'extract'), 'extract', config.concurrency, {
      batchSize: limits.extractBatchSize,
    });
    consume(pipelineFunction('Convert', 'convert'), 'convert', limits.convertConcurrency);
    consume(pipelineFunction('Publish', 'publish'), 'publish', limits.publishConcurrency);
    schedule('Nightly', 'nightly', plan, config.schedule.cron, 'Loads the tables');

    const exporter = pipelineFunction('Export', 'export');
    consume(exporter, 'export', undefined);
    grantExportSource(exporter, config.exports.source);
    if (config.exports.cron !== 'off')
      schedule('Exports', 'exports', exporter, config.exports.cron, 'Exports the leads');
    // Not in `schedules`, so `ops pause` does not switch the watcher off: a paused pipeline is watched too.
    new FunctionSchedule(this, 'Looks', {
      workspace: config.name,
      name: 'watch',
      description: `Watches the ProspectB2B workspace '${config.name}' for problems.`,
      cron: watchCron,
      timezone: 'Etc/UTC',
      flexibleWindowMinutes: 0,
      target: pipelineFunction('Watch', 'watch').function,
      deadLetters: missed,
      encryptionKey,
    });
    let webhookApiId: string | undefined;
    let webhook: Operated['webhook'];
    if (config.webhooks.enabled) {
      const { events, batchSize, windowSeconds } = config.webhooks;
      consume(pipelineFunction('Refresh', 'refresh'), 'refresh', limits.refreshConcurrency, {
        batchSize,
        windowSeconds,
      });
      const receiver = new WebhookReceiver(this, 'WebhookEndpoint', {
        workspace: config.name,
        receiver: pipelineFunction('Webhook', 'webhook'),
        register: pipelineFunction('Register', 'register'),
        events,
        logRetention: config.retention.logDays,
        encryptionKey,
      });
      webhookApiId = receiver.apiId;
      const reconcile = pipelineFunction('Reconcile', 'reconcile');
      schedule('Reconciliation', 'reconciliation', reconcile, '0 5 * * ? *', 'Reconciles webhook deliveries');
      webhook = { url: receiver.url, events, register: receiver.registerFunctionName };
    }

    const { topic } = new Monitoring(this, 'Monitoring', {
      config,
      functions: made,
      queues: workQueues,
      missedRuns: missed,
      webhookApiId,
      encryptionKey,
    });
    this.alarmTopic = topic.topic;
    new CfnOutput(this, 'AlarmTopicArn', {
      value: this.alarmTopic.topicArn,
      description: 'Subscribe to it for alarms.',
    });
    addOperationOutputs(this, {
      apiBaseUrl: config.apiBaseUrl,
      planFunctionName: plan.function.functionName,
      queues: workQueues,
      missedRuns: missed,
      mappings,
      schedules,
      webhook,
    });
  }
}
