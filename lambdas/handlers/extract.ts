import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createS3Store } from '../adapters/s3-store.ts';
import { createSqsQueue } from '../adapters/sqs-queue.ts';
import { readEnvironment } from '../contract/environment.ts';
import { extractMessage } from '../contract/messages.ts';
import { isAskedByEachTask } from '../contract/object-keys.ts';
import { createBudgetShare } from '../core/api/budget-share.ts';
import { createRateLimiter } from '../core/api/rate-limiter.ts';
import { failTask, leaveProvisionalFailure, withdrawProvisionalFailure } from '../core/runs/extract-receipts.ts';
import { pingPublish } from '../core/runs/ping-publish.ts';
import { createPlanReader } from '../core/runs/plan-reader.ts';
import { rememberImmutable } from '../core/store/immutable-objects.ts';
import { shareAnswers } from '../core/store/share-answers.ts';
import { extractStep } from './extract-step.ts';
import { queueHandler } from './queue-handler.ts';
import { readerQueues } from './reader-queues.ts';
import { apiMaker, clock, deadlineOf, logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('extract', process.env);
const metrics = metricsOf(environment.WORKSPACE);
const store = shareAnswers(rememberImmutable(createS3Store(environment.LAKE_BUCKET)), isAskedByEachTask, clock);
const ports = {
  store,
  extractQueue: createSqsQueue(environment.EXTRACT_QUEUE_URL),
  convertQueue: createSqsQueue(environment.CONVERT_QUEUE_URL),
};
const publishQueue = createSqsQueue(environment.PUBLISH_QUEUE_URL);
const readPlan = createPlanReader(store);
const limiter = createRateLimiter(environment.REQUESTS_PER_MINUTE / environment.EXTRACT_CONCURRENCY);
const { extracting, refreshing } = readerQueues(environment);
const share = createBudgetShare({
  limiter,
  budget: environment.REQUESTS_PER_MINUTE,
  own: extracting,
  others: refreshing.functions > 0 ? [refreshing] : [],
  looksAlone: 2,
  clock,
});
const createApi = apiMaker(
  environment,
  { limiter, mostInFlight: environment.IN_FLIGHT, beforeRequest: share.update },
  metrics,
);
const extract = extractStep(environment, createApi, metrics);

const takeBatch = queueHandler({
  logger,
  queueUrl: environment.EXTRACT_QUEUE_URL,
  schema: extractMessage,
  maxReceiveCount: environment.MAX_RECEIVE_COUNT,
  retryBaseSeconds: environment.RETRY_BASE_SECONDS,
  async process(message, context, receives) {
    const delivery = { isRedelivered: receives > 1, isLastDelivery: receives >= environment.MAX_RECEIVE_COUNT };
    await extract(message, await readPlan(message.runId), context, ports, delivery);
  },
  afterBatch: (messages) => pingPublish(messages, publishQueue),
  giveUp: (message, failure) => failTask(message, failure, { store, clock }),
  beforeLastAttempt: (message, context) =>
    leaveProvisionalFailure(message, { store, clock, deadline: deadlineOf(context) }),
  afterLastAttempt: (message) => withdrawProvisionalFailure(message, { store, clock }),
});

/** Processes tasks from the extract queue. */
export function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  share.begin(event.Records.length);
  return takeBatch(event, context);
}
