import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createS3Store } from '../adapters/s3-store.ts';
import { createSqsQueue } from '../adapters/sqs-queue.ts';
import { createLog } from '../adapters/telemetry.ts';
import { readEnvironment } from '../contract/environment.ts';
import { forgottenKey } from '../contract/object-keys.ts';
import { type WebhookMessage, webhookMessage } from '../contract/webhook.ts';
import type { Plan } from '../contract/run.ts';
import { createBudgetShare } from '../core/api/budget-share.ts';
import { createRateLimiter } from '../core/api/rate-limiter.ts';
import { QuietHour } from '../core/publish/quiet-hour.ts';
import { runHere, type StepsHere } from '../core/runs/run-here.ts';
import { rememberImmutable } from '../core/store/immutable-objects.ts';
import { shareAnswers } from '../core/store/share-answers.ts';
import { refreshRun } from '../core/webhooks/refresh-run.ts';
import { createColumnMask } from '../core/rows/mask-columns.ts';
import { streamsIn } from '../streams/registry.ts';
import { extractStep } from './extract-step.ts';
import { publishStep } from './publish-step.ts';
import { readerQueues } from './reader-queues.ts';
import { apiMaker, clock, deadlineOf, logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('refresh', process.env);
const bucket = rememberImmutable(createS3Store(environment.LAKE_BUCKET));
const metrics = metricsOf(environment.WORKSPACE);
const extractQueue = createSqsQueue(environment.EXTRACT_QUEUE_URL);
const convertQueue = createSqsQueue(environment.CONVERT_QUEUE_URL);
const publishQueue = createSqsQueue(environment.PUBLISH_QUEUE_URL);
const exportQueue = createSqsQueue(environment.EXPORT_QUEUE_URL);
/** Data to keep out of `webhook_events`. What other tables hash is dropped: the hash of a whole event joins nothing. */
const { drop, hash } = environment.PERSONAL_DATA;
const settings = {
  streams: streamsIn(environment.STREAMS),
  deadlineHours: environment.RUN_DEADLINE_HOURS,
  publishCheckSeconds: environment.PUBLISH_CHECK_SECONDS,
  reading: {
    startDate: environment.START_DATE === '' ? undefined : new Date(environment.START_DATE),
    lookbackHours: environment.LOOKBACK_HOURS,
    rereadDays: environment.REREAD_DAYS,
  },
  mask: createColumnMask({ drop: [...drop, ...hash], hash: [] }, undefined),
};

const limiter = createRateLimiter(environment.REQUESTS_PER_MINUTE / environment.REFRESH_CONCURRENCY);
const { extracting, refreshing } = readerQueues(environment);
const share = createBudgetShare({
  limiter,
  budget: environment.REQUESTS_PER_MINUTE,
  own: refreshing,
  others: [extracting],
  // A refresh is over before it could look twice.
  looksAlone: 1,
  clock,
});
const createApi = apiMaker(
  environment,
  { limiter, mostInFlight: environment.IN_FLIGHT, beforeRequest: share.update },
  metrics,
);
const extract = extractStep(environment, createApi, metrics);
const publish = publishStep(environment, metrics);
const quietHour = new QuietHour();

function stepsOf(plan: Plan, context: Context): StepsHere {
  return {
    extract: (message, ports) => extract(message, plan, context, ports),
    publish: async (message, ports) => (await publish(message, context, { ...ports, quietHour })) !== undefined,
  };
}

/** Processes a whole batch of events at once, as one run. A message that is not an event fails alone. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const messages: WebhookMessage[] = [];
  const failed: string[] = [];
  for (const { body, messageId } of event.Records) {
    const parsed = webhookMessage.safeParse(jsonOf(body));
    if (parsed.success) messages.push(parsed.data);
    else failed.push(messageId);
  }
  if (failed.length > 0) logger.error('Messages of the event queue are not events.', { messages: failed.length });
  if (messages.length > 0) {
    const log = createLog(logger, { requestId: context.awsRequestId, events: messages.length });
    const queues = { extractQueue, convertQueue, publishQueue };
    // The list of forgotten rows is read once in an invocation: extract also keeps it while it works.
    const store = shareAnswers(bucket, (key) => key === forgottenKey, clock, Number.POSITIVE_INFINITY);
    const plan = await refreshRun(messages, settings, {
      store,
      ...queues,
      exportQueue,
      clock,
      log,
      runHere: async (planned) => {
        share.begin(event.Records.length);
        await share.look();
        const ports = { store, ...queues, log, deadline: deadlineOf(context) };
        const isOver = await runHere(planned, stepsOf(planned, context), ports);
        if (!isOver) quietHour.end();
        return isOver;
      },
    });
    if (plan) log.info('Events are refreshed.', { runId: plan.runId, tasks: plan.tasks.length });
    else log.info('No event is about a stream that is switched on. The events are kept.');
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
