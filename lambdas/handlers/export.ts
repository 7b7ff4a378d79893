import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { z } from 'zod';
import { createAnnouncer } from '../adapters/event-bus.ts';
import { createExportApi } from '../adapters/export-api.ts';
import { createExportSource, exportSourceConfig } from '../adapters/export-source.ts';
import { createS3Store } from '../adapters/s3-store.ts';
import { createSqsQueue } from '../adapters/sqs-queue.ts';
import { createLog } from '../adapters/telemetry.ts';
import { readEnvironment } from '../contract/environment.ts';
import { exportMessage } from '../contract/messages.ts';
import { takeExportStep } from '../core/exports/export-steps.ts';
import { leadExports } from '../streams/lead-exports.ts';
import { leads } from '../streams/leads.ts';
import { streamsIn } from '../streams/registry.ts';
import { queueHandler } from './queue-handler.ts';
import { clientMaker, clock, deadlineOf, logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('export', process.env);
const metrics = metricsOf(environment.WORKSPACE);
const store = createS3Store(environment.LAKE_BUCKET);
const exportQueue = createSqsQueue(environment.EXPORT_QUEUE_URL);
const convertQueue = createSqsQueue(environment.CONVERT_QUEUE_URL);
const extractQueue = createSqsQueue(environment.EXTRACT_QUEUE_URL);
const warehouse = { root: `s3://${environment.LAKE_BUCKET}/` };
const streams = {
  leads,
  exports: leadExports,
  children: streamsIn(environment.STREAMS).filter(({ parent }) => parent?.stream === leads.name),
};
const publishQueue = createSqsQueue(environment.PUBLISH_QUEUE_URL);
const announcer = createAnnouncer(environment.EVENT_BUS_NAME, environment.WORKSPACE);
const source =
  environment.EXPORT_SOURCE === ''
    ? undefined
    : createExportSource(exportSourceConfig.parse(JSON.parse(environment.EXPORT_SOURCE)));
const createClient = clientMaker(environment, { read: leadExports.scope, write: leadExports.scope }, metrics);
const settings = {
  firstPollSeconds: environment.EXPORT_FIRST_POLL_SECONDS,
  slowestPollSeconds: environment.EXPORT_SLOWEST_POLL_SECONDS,
  deadlineHours: environment.EXPORT_DEADLINE_HOURS,
  hasSource: source !== undefined,
  maxDeletedShare: environment.MAX_DELETED_SHARE,
  runDeadlineHours: environment.RUN_DEADLINE_HOURS,
  publishCheckSeconds: environment.PUBLISH_CHECK_SECONDS,
};

const takeMessages = queueHandler({
  logger,
  queueUrl: environment.EXPORT_QUEUE_URL,
  schema: exportMessage,
  maxReceiveCount: environment.MAX_RECEIVE_COUNT,
  retryBaseSeconds: environment.RETRY_BASE_SECONDS,
  async process(message, context) {
    const log = createLog(logger, { step: message.step });
    const deadline = deadlineOf(context);
    const ports = {
      store,
      warehouse,
      exportQueue,
      extractQueue,
      convertQueue,
      publishQueue,
      announcer,
      source,
      api: createExportApi(createClient(log, deadline)),
      clock,
      log,
      metrics,
    };
    await takeExportStep(message, { settings, streams, deadline }, ports);
  },
  // The alarm on the dead-letter queue reports the failure, and the schedule starts the next export.
  giveUp: async () => {},
});

const tick = z.object({ scheduledAt: z.iso.datetime() });

/** Invoked by the schedule, which starts an export, and by the export queue for each further step. */
export async function handler(
  event: SQSEvent | z.infer<typeof tick>,
  context: Context,
): Promise<SQSBatchResponse | undefined> {
  if ('Records' in event) return takeMessages(event, context);
  const { scheduledAt } = tick.parse(event);
  await exportQueue.send([{ body: { step: 'create', scheduledAt } }]);
  return undefined;
}
