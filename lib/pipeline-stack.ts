import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventInvokeConfig, EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { EnvironmentName, FunctionName } from '../lambdas/contract/environment.ts';
import { access, type QueueName } from './access.ts';
import { acknowledge } from './acknowledge.ts';
import { handlerCode } from './bundling.ts';
import { DeadLetterQueue } from './constructs/dead-letter-queue.ts';
import { lakeBucketName } from './constructs/lake-bucket.ts';
import { NightlySchedule } from './constructs/nightly-schedule.ts';
import { PipelineFunction } from './constructs/pipeline-function.ts';
import { WorkQueue } from './constructs/work-queue.ts';
import type { DataStack } from './data-stack.ts';
import { environmentFor, functions } from './functions.ts';
import { grantAccess, grantConsume } from './grants.ts';
import type { WorkspaceConfig } from './workspace-config.ts';

export interface PipelineStackProps extends StackProps {
  readonly config: WorkspaceConfig;
  readonly data: DataStack;
}

/** How often a message is received before it is a dead letter, and the wait before it is first received again. */
const maxReceiveCount = 5;
const retryBaseSeconds = 30;
/** Wait before a run is looked at for the first time. */
const publishCheckSeconds = 60;
/** Chunks that are converted at once, and runs that are looked at at once. */
const convertConcurrency = 10;
const publishConcurrency = 2;

/** What can be thrown away and made anew: queues, functions and the schedule. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, { config, data, ...props }: PipelineStackProps) {
    super(scope, id, props);
    const workQueue = (queueId: string, consumer: QueueName) =>
      new WorkQueue(this, queueId, { consumerTimeout: functions[consumer].timeout, maxReceiveCount }).queue;
    const queues = {
      extract: workQueue('ExtractQueue', 'extract'),
      convert: workQueue('ConvertQueue', 'convert'),
      publish: workQueue('PublishQueue', 'publish'),
    };
    // By its name, which is fixed: nothing that happens here can touch the bucket.
    const bucket = Bucket.fromBucketName(this, 'Lake', lakeBucketName(config.name, this.account, this.region));
    const eventBus = EventBus.fromEventBusName(this, 'EventBus', 'default');

    const values: Record<EnvironmentName, string> = {
      LAKE_BUCKET: bucket.bucketName,
      API_BASE_URL: config.apiBaseUrl,
      API_KEY_SECRET_ARN: data.apiKey.secretArn,
      EXTRACT_QUEUE_URL: queues.extract.queueUrl,
      CONVERT_QUEUE_URL: queues.convert.queueUrl,
      PUBLISH_QUEUE_URL: queues.publish.queueUrl,
      EVENT_BUS_NAME: eventBus.eventBusName,
      STREAMS: config.streams === 'all' ? 'all' : config.streams.join(','),
      START_DATE: config.startDate ?? '',
      SLICE_DAYS: String(config.sliceDays),
      RUN_DEADLINE_HOURS: String(config.runDeadlineHours),
      PAGE_SIZE: String(config.pageSize),
      REQUESTS_PER_MINUTE: String(config.requestsPerMinute),
      EXTRACT_CONCURRENCY: String(config.concurrency),
      MAX_RECEIVE_COUNT: String(maxReceiveCount),
      RETRY_BASE_SECONDS: String(retryBaseSeconds),
      PUBLISH_CHECK_SECONDS: String(publishCheckSeconds),
    };
    const pipelineFunction = (functionId: string, name: FunctionName) => {
      const { entry, ...size } = functions[name];
      const made = new PipelineFunction(this, functionId, {
        ...size,
        code: handlerCode(entry),
        environment: environmentFor(name, values),
        logRetention: config.retention.logDays,
        callsItself: access[name].sends.some((queue) => queue === name),
      });
      grantAccess(made, access[name], {
        workspace: config.name,
        bucket,
        apiKey: data.apiKey,
        encryptionKey: data.encryptionKey,
        queues,
        eventBus,
      });
      return made;
    };
    const consume = (consumer: PipelineFunction, queue: QueueName, maxConcurrency: number) => {
      grantConsume(consumer, queues[queue]);
      const mapping = new EventSourceMapping(consumer, 'Messages', {
        target: consumer.function,
        eventSourceArn: queues[queue].queueArn,
        batchSize: 1,
        maxConcurrency,
        reportBatchItemFailures: true,
      });
      // Lambda looks whether the role may receive before it makes the mapping.
      mapping.node.addDependency(consumer.role);
    };

    const plan = pipelineFunction('Plan', 'plan');
    consume(pipelineFunction('Extract', 'extract'), 'extract', config.concurrency);
    consume(pipelineFunction('Convert', 'convert'), 'convert', convertConcurrency);
    consume(pipelineFunction('Publish', 'publish'), 'publish', publishConcurrency);
    this.#scheduleNightly(plan, config);

    new CfnOutput(this, 'PlanFunctionName', {
      value: plan.function.functionName,
      description: 'Invoke it with {"scheduledAt": "<ISO time>"} to begin a run by hand.',
    });
  }

  /** One queue takes the ticks that did not reach the function, and those at which it failed. */
  #scheduleNightly(plan: PipelineFunction, config: WorkspaceConfig): void {
    const missed = new DeadLetterQueue(this, 'MissedRuns');
    acknowledge(
      missed,
      'AwsSolutions-SQS3',
      'It is a dead-letter queue itself, of the schedule and of the function that it invokes.',
    );
    plan.role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [missed.queueArn] }));
    new EventInvokeConfig(plan, 'OnFailure', {
      function: plan.function,
      retryAttempts: 2,
      onFailure: { bind: () => ({ destination: missed.queueArn }) },
    });
    new NightlySchedule(this, 'Nightly', {
      description: `Loads the ProspectB2B workspace '${config.name}'.`,
      ...config.schedule,
      flexibleWindowMinutes: config.flexibleWindowMinutes,
      target: plan.function,
      deadLetters: missed,
    });
  }
}
