import { createS3Store } from '../adapters/s3-store.ts';
import { createSqsQueue } from '../adapters/sqs-queue.ts';
import { createLog } from '../adapters/telemetry.ts';
import { readEnvironment } from '../contract/environment.ts';
import { extractMessage } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import { failTask, leaveProvisionalFailure, withdrawProvisionalFailure } from '../core/runs/extract-receipts.ts';
import { extractTask } from '../core/extract/extract-task.ts';
import { createPlanReader } from '../core/runs/plan-reader.ts';
import { childrenOf, streamNamed } from '../streams/registry.ts';
import { queueHandler } from './queue-handler.ts';
import { apiMaker, clock, deadlineOf, logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('extract', process.env);
const metrics = metricsOf(environment.WORKSPACE);
const store = createS3Store(environment.LAKE_BUCKET);
const extractQueue = createSqsQueue(environment.EXTRACT_QUEUE_URL);
const convertQueue = createSqsQueue(environment.CONVERT_QUEUE_URL);
const readPlan = createPlanReader(store);
const createApi = apiMaker(environment, environment.REQUESTS_PER_MINUTE / environment.EXTRACT_CONCURRENCY, metrics);

/** Takes tasks from the extract queue. */
export const handler = queueHandler({
  logger,
  queueUrl: environment.EXTRACT_QUEUE_URL,
  schema: extractMessage,
  maxReceiveCount: environment.MAX_RECEIVE_COUNT,
  retryBaseSeconds: environment.RETRY_BASE_SECONDS,
  async process(message, context) {
    const { runId, task } = message;
    const stream = streamNamed(task.stream);
    const plan = await readPlan(runId);
    const children = childrenOf(stream).filter(({ name }) => plan.streams.includes(name));
    const log = createLog(logger, { runId, taskId: task.taskId, stream: stream.name });
    const api = createApi(log);
    const ports = { store, extractQueue, convertQueue, api, clock, log };
    try {
      await extractTask(
        { message, stream, children, deadline: deadlineOf(context), pageSize: environment.PAGE_SIZE },
        ports,
      );
    } finally {
      metrics.count(metricNames.apiRequests, api.counts.requests);
    }
  },
  giveUp: (message, failure) => failTask(message, failure, { store, clock }),
  beforeLastAttempt: (message, context) =>
    leaveProvisionalFailure(message, { store, clock, deadline: deadlineOf(context) }),
  afterLastAttempt: (message) => withdrawProvisionalFailure(message, { store, clock }),
});
