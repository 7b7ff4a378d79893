import { createQueueDepth } from '../adapters/queue-depth.ts';
import { createS3Store } from '../adapters/s3-store.ts';
import { createSqsQueue } from '../adapters/sqs-queue.ts';
import { readEnvironment } from '../contract/environment.ts';
import { publishMessage } from '../contract/messages.ts';
import { failedCheckKey } from '../contract/object-keys.ts';
import { rememberImmutable } from '../core/store/immutable-objects.ts';
import { writeJson } from '../core/store/stored-json.ts';
import { publishStep } from './publish-step.ts';
import { queueHandler } from './queue-handler.ts';
import { logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('publish', process.env);
const ports = {
  store: rememberImmutable(createS3Store(environment.LAKE_BUCKET)),
  extractQueue: createSqsQueue(environment.EXTRACT_QUEUE_URL),
  publishQueue: createSqsQueue(environment.PUBLISH_QUEUE_URL),
  deadLetters: Object.fromEntries(
    environment.WATCHED_QUEUES.deadLetters.map(({ name, url }) => [name, createQueueDepth(url)]),
  ),
};
const publish = publishStep(environment, metricsOf(environment.WORKSPACE));

/** Checks the runs named in the publish queue. */
export const handler = queueHandler({
  logger,
  queueUrl: environment.PUBLISH_QUEUE_URL,
  schema: publishMessage,
  maxReceiveCount: environment.MAX_RECEIVE_COUNT,
  retryBaseSeconds: environment.RETRY_BASE_SECONDS,
  async process(message, context, receives) {
    await publish(message, context, { ...ports, isLastDelivery: receives >= environment.MAX_RECEIVE_COUNT });
  },
  giveUp: ({ runId }, failure) => writeJson(ports.store, failedCheckKey(runId), failure),
});
