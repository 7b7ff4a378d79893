import { createAnnouncer } from '../adapters/event-bus.ts';
import { createS3Store } from '../adapters/s3-store.ts';
import { createSqsQueue } from '../adapters/sqs-queue.ts';
import { createLog } from '../adapters/telemetry.ts';
import { readEnvironment } from '../contract/environment.ts';
import { publishMessage } from '../contract/messages.ts';
import { publishRun } from '../core/publish/publish-run.ts';
import { compactedTables, streamNamed } from '../streams/registry.ts';
import { isSnapshot } from '../streams/views.ts';
import { queueHandler } from './queue-handler.ts';
import { clock, logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('publish', process.env);
const metrics = metricsOf(environment.WORKSPACE);
const store = createS3Store(environment.LAKE_BUCKET);
const publishQueue = createSqsQueue(environment.PUBLISH_QUEUE_URL);
const announcer = createAnnouncer(environment.EVENT_BUS_NAME, environment.WORKSPACE);
const days = environment.HISTORY_DAYS;
const settings = {
  streamNamed,
  publishCheckSeconds: environment.PUBLISH_CHECK_SECONDS,
  history: days === undefined ? undefined : { days, isReadWhole: (table: string) => isSnapshot(streamNamed(table)) },
  compacted: compactedTables,
};

/** Takes runs to look at from the publish queue. */
export const handler = queueHandler({
  logger,
  queueUrl: environment.PUBLISH_QUEUE_URL,
  schema: publishMessage,
  maxReceiveCount: environment.MAX_RECEIVE_COUNT,
  retryBaseSeconds: environment.RETRY_BASE_SECONDS,
  async process(message) {
    const log = createLog(logger, { runId: message.runId });
    const ports = { store, publishQueue, announcer, clock, log, metrics };
    await publishRun(message, settings, ports);
  },
  // The run itself says nothing of it; the alarm on the dead-letter queue does.
  giveUp: async () => {},
});
