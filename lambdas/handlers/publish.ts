import { randomUUID } from 'node:crypto';
import { createAnnouncer } from '../adapters/event-bus.ts';
import { createGlueCatalog } from '../adapters/glue-catalog.ts';
import { readPageTemplate } from '../adapters/page-template.ts';
import { createQueueDepth } from '../adapters/queue-depth.ts';
import { createS3Store } from '../adapters/s3-store.ts';
import { createSqsQueue } from '../adapters/sqs-queue.ts';
import { createLog } from '../adapters/telemetry.ts';
import { withCustomColumns } from '../contract/custom-columns.ts';
import { readEnvironment } from '../contract/environment.ts';
import { publishMessage } from '../contract/messages.ts';
import { childReads } from '../contract/pipeline-tables.ts';
import type { Catalog } from '../core/ports.ts';
import { publishRun } from '../core/publish/publish-run.ts';
import { createReceiptMemory } from '../core/publish/read-evidence.ts';
import { rememberImmutable } from '../core/store/immutable-objects.ts';
import { countedTables } from '../streams/counted-tables.ts';
import { ownTables, streamNamed, streams } from '../streams/registry.ts';
import { queueHandler } from './queue-handler.ts';
import { clock, deadlineOf, logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('publish', process.env);
const metrics = metricsOf(environment.WORKSPACE);
const store = rememberImmutable(createS3Store(environment.LAKE_BUCKET));
/** A local run needs no catalog: readers use the newest metadata in the folder. */
const withoutCatalog: Catalog = { point: async () => undefined };
const shared = {
  store,
  catalog: environment.GLUE_DATABASE === '' ? withoutCatalog : createGlueCatalog(environment.GLUE_DATABASE),
  warehouse: { root: `s3://${environment.LAKE_BUCKET}/` },
  extractQueue: createSqsQueue(environment.EXTRACT_QUEUE_URL),
  publishQueue: createSqsQueue(environment.PUBLISH_QUEUE_URL),
  announcer: createAnnouncer(environment.EVENT_BUS_NAME, environment.WORKSPACE),
  clock,
  metrics,
  receipts: createReceiptMemory(),
  newId: () => randomUUID(),
  deadLetters: Object.fromEntries(
    environment.WATCHED_QUEUES.deadLetters.map(({ name, url }) => [name, createQueueDepth(url)]),
  ),
};
const settings = {
  streamNamed: (name: string) => withCustomColumns(streamNamed(name), environment.CUSTOM_COLUMNS),
  publishCheckSeconds: environment.PUBLISH_CHECK_SECONDS,
  lookbackHours: environment.LOOKBACK_HOURS,
  childRereadDays: environment.CHILD_REREAD_DAYS,
  settledDays: environment.SETTLED_DAYS,
  confirmAfterSeconds: environment.CONFIRM_AFTER_SECONDS,
  maxDeletedShare: environment.MAX_DELETED_SHARE,
  snapshotDays: environment.SNAPSHOT_DAYS,
  expectedHours: environment.EXPECTED_HOURS,
  page: {
    workspace: environment.WORKSPACE,
    pageKey: environment.PAGE_KEY,
    template: readPageTemplate,
    streams: streams.map((stream) => withCustomColumns(stream, environment.CUSTOM_COLUMNS)),
    ownTables: [...ownTables, childReads],
    counted: countedTables,
    requestsPerMinute: environment.REQUESTS_PER_MINUTE,
    expectedHours: environment.EXPECTED_HOURS,
  },
};

/** Checks the runs named in the publish queue. */
export const handler = queueHandler({
  logger,
  queueUrl: environment.PUBLISH_QUEUE_URL,
  schema: publishMessage,
  maxReceiveCount: environment.MAX_RECEIVE_COUNT,
  retryBaseSeconds: environment.RETRY_BASE_SECONDS,
  async process(message, context) {
    const log = createLog(logger, { runId: message.runId });
    await publishRun(message, settings, { ...shared, log, deadline: deadlineOf(context) });
  },
  // There is nothing to store: the watcher looks at the dead-letter queue and reports the failure.
  giveUp: async () => {},
});
