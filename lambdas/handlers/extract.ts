import { createS3Store } from '../adapters/s3-store.ts';
import { createSqsQueue } from '../adapters/sqs-queue.ts';
import { createLog } from '../adapters/telemetry.ts';
import { readEnvironment } from '../contract/environment.ts';
import { type ExtractMessage, extractMessage } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import { convertInline } from '../core/convert/convert-task.ts';
import { extractTask } from '../core/extract/extract-task.ts';
import { failTask, leaveProvisionalFailure, withdrawProvisionalFailure } from '../core/runs/extract-receipts.ts';
import { pingPublish } from '../core/runs/ping-publish.ts';
import { createPlanReader } from '../core/runs/plan-reader.ts';
import { rememberImmutable } from '../core/store/immutable-objects.ts';
import { streamNamed } from '../streams/registry.ts';
import { convertSettings } from './convert-settings.ts';
import { queueHandler } from './queue-handler.ts';
import { apiMaker, clock, deadlineOf, logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('extract', process.env);
const metrics = metricsOf(environment.WORKSPACE);
const store = rememberImmutable(createS3Store(environment.LAKE_BUCKET));
const extractQueue = createSqsQueue(environment.EXTRACT_QUEUE_URL);
const convertQueue = createSqsQueue(environment.CONVERT_QUEUE_URL);
const publishQueue = createSqsQueue(environment.PUBLISH_QUEUE_URL);
const readPlan = createPlanReader(store);
const createApi = apiMaker(
  environment,
  {
    perMinute: environment.REQUESTS_PER_MINUTE / environment.EXTRACT_CONCURRENCY,
    mostInFlight: environment.IN_FLIGHT,
  },
  metrics,
);

/** Processes tasks from the extract queue. */
export const handler = queueHandler({
  logger,
  queueUrl: environment.EXTRACT_QUEUE_URL,
  schema: extractMessage,
  maxReceiveCount: environment.MAX_RECEIVE_COUNT,
  retryBaseSeconds: environment.RETRY_BASE_SECONDS,
  async process(message, context) {
    const { runId, task } = message;
    const plan = await readPlan(runId);
    const log = createLog(logger, { runId, taskId: task.taskId, stream: task.stream });
    const api = createApi(log);
    const ports = { store, extractQueue, convertQueue, convertInline: converterOf(message), api, clock, log };
    const work = {
      message,
      stream: streamNamed(task.stream),
      deadline: deadlineOf(context),
      runDeadline: plan.deadline,
      pageSize: environment.PAGE_SIZE,
      inFlight: environment.IN_FLIGHT,
    };
    try {
      await extractTask(work, ports);
    } finally {
      // A metric costs money in each hour in which it is written. Refreshes run all day and make few requests.
      if (plan.kind !== 'refresh') metrics.count(metricNames.apiRequests, api.counts.requests);
    }
  },
  afterBatch: (messages) => pingPublish(messages, publishQueue),
  giveUp: (message, failure) => failTask(message, failure, { store, clock }),
  beforeLastAttempt: (message, context) =>
    leaveProvisionalFailure(message, { store, clock, deadline: deadlineOf(context) }),
  afterLastAttempt: (message) => withdrawProvisionalFailure(message, { store, clock }),
});

function converterOf({ runId, runStartedAt, task }: ExtractMessage) {
  return async (sequence: number, keepReceipt: boolean, lines: readonly string[] | undefined) => {
    const chunk = { runId, runStartedAt, taskId: task.taskId, stream: task.stream, sequence };
    return convertInline(chunk, await convertSettings(task.stream, environment), { store, clock }, keepReceipt, lines);
  };
}
