import { createS3Store } from '../adapters/s3-store.ts';
import { createSqsQueue } from '../adapters/sqs-queue.ts';
import { readEnvironment } from '../contract/environment.ts';
import { convertMessage } from '../contract/messages.ts';
import { convertTask, failConversion, leaveProvisionalConversion } from '../core/convert/convert-task.ts';
import { pingPublish } from '../core/runs/ping-publish.ts';
import { convertSettings } from './convert-settings.ts';
import { queueHandler } from './queue-handler.ts';
import { clock, deadlineOf, logger } from './runtime.ts';

const environment = readEnvironment('convert', process.env);
const store = createS3Store(environment.LAKE_BUCKET);
const publishQueue = createSqsQueue(environment.PUBLISH_QUEUE_URL);

/** Processes chunks from the convert queue. */
export const handler = queueHandler({
  logger,
  queueUrl: environment.CONVERT_QUEUE_URL,
  schema: convertMessage,
  maxReceiveCount: environment.MAX_RECEIVE_COUNT,
  retryBaseSeconds: environment.RETRY_BASE_SECONDS,
  async process(message) {
    await convertTask(message, await convertSettings(message.stream, environment), { store, clock });
  },
  afterBatch: (messages) => pingPublish(messages, publishQueue),
  giveUp: (message, failure) => failConversion(message, failure, { store, clock }),
  beforeLastAttempt: (message, context) =>
    leaveProvisionalConversion(message, { store, clock, deadline: deadlineOf(context) }),
});
