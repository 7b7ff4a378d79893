import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { createAnnouncer } from '../adapters/event-bus.ts';
import { createGlueCatalog } from '../adapters/glue-catalog.ts';
import { readPageTemplate } from '../adapters/page-template.ts';
import { createLog } from '../adapters/telemetry.ts';
import { withCustomColumns } from '../contract/custom-columns.ts';
import type { readEnvironment } from '../contract/environment.ts';
import type { PublishMessage } from '../contract/messages.ts';
import { childReads } from '../contract/pipeline-tables.ts';
import type { RunReport } from '../contract/run-report.ts';
import type { Catalog, Metrics, ObjectStore, Queue, QueueDepth } from '../core/ports.ts';
import { publishRun } from '../core/publish/publish-run.ts';
import type { PublishPorts } from '../core/publish/publish-work.ts';
import type { QuietHour } from '../core/publish/quiet-hour.ts';
import { createReceiptMemory } from '../core/publish/read-evidence.ts';
import { countedTables } from '../streams/counted-tables.ts';
import { ownTables, streamNamed, streams } from '../streams/registry.ts';
import { clock, deadlineOf, logger } from './runtime.ts';

type PublishEnvironment = Omit<
  ReturnType<typeof readEnvironment<'publish'>>,
  'WATCHED_QUEUES' | 'EXTRACT_QUEUE_URL' | 'PUBLISH_QUEUE_URL' | 'MAX_RECEIVE_COUNT' | 'RETRY_BASE_SECONDS'
>;

interface StepPorts {
  /** The dead-letter queues, by name, for the page. A refresh leaves them as they are on it. */
  readonly deadLetters?: Readonly<Record<string, QueueDepth>>;
  readonly store: ObjectStore;
  readonly extractQueue: Queue;
  readonly publishQueue: Queue;
  readonly quietHour?: QuietHour;
  readonly isLastDelivery?: boolean;
  readonly storeWhole?: PublishPorts['storeWhole'];
}

/** A local run needs no catalog: readers use the newest metadata in the folder. */
const withoutCatalog: Catalog = { point: async () => undefined };

/** Makes one check of a run, which is the same in each function that publishes runs. */
export function publishStep(environment: PublishEnvironment, metrics: Metrics) {
  const shared = {
    catalog: environment.GLUE_DATABASE === '' ? withoutCatalog : createGlueCatalog(environment.GLUE_DATABASE),
    warehouse: { root: `s3://${environment.LAKE_BUCKET}/` },
    announcer: createAnnouncer(environment.EVENT_BUS_NAME, environment.WORKSPACE),
    clock,
    metrics,
    receipts: createReceiptMemory(),
    newId: () => randomUUID(),
  };
  const settings = {
    streamNamed: (name: string) => withCustomColumns(streamNamed(name), environment.CUSTOM_COLUMNS),
    publishCheckSeconds: environment.PUBLISH_CHECK_SECONDS,
    personalData: environment.PERSONAL_DATA,
    lookbackHours: environment.LOOKBACK_HOURS,
    childRereadDays: environment.CHILD_REREAD_DAYS,
    settledDays: environment.SETTLED_DAYS,
    confirmAfterSeconds: environment.CONFIRM_AFTER_SECONDS,
    maxDeletedShare: environment.MAX_DELETED_SHARE,
    snapshotDays: environment.SNAPSHOT_DAYS,
    expectedHours: environment.EXPECTED_HOURS,
    page: {
      workspace: environment.WORKSPACE,
      localFlags: environment.LOCAL_FLAGS,
      pageKey: environment.PAGE_KEY,
      template: readPageTemplate,
      streams: streams.map((stream) => withCustomColumns(stream, environment.CUSTOM_COLUMNS)),
      ownTables: [...ownTables, childReads],
      counted: countedTables,
      requestsPerMinute: environment.REQUESTS_PER_MINUTE,
      expectedHours: environment.EXPECTED_HOURS,
    },
  };
  return (message: PublishMessage, context: Context, ports: StepPorts): Promise<RunReport | undefined> => {
    const log = createLog(logger, { runId: message.runId });
    return publishRun(message, settings, { ...shared, ...ports, log, deadline: deadlineOf(context) });
  };
}
