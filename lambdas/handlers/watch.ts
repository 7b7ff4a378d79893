import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { createAnnouncer } from '../adapters/event-bus.ts';
import { createQueueDepth } from '../adapters/queue-depth.ts';
import { createS3Store } from '../adapters/s3-store.ts';
import { createLog } from '../adapters/telemetry.ts';
import { readEnvironment } from '../contract/environment.ts';
import { watch } from '../core/watch/watch.ts';
import { clock, logger } from './runtime.ts';

const environment = readEnvironment('watch', process.env);
const store = createS3Store(environment.LAKE_BUCKET);
const announcer = createAnnouncer(environment.EVENT_BUS_NAME, environment.WORKSPACE);
const client = new SQSClient();
const { work, deadLetters } = environment.WATCHED_QUEUES;
const settings = {
  expectedHours: environment.EXPECTED_HOURS,
  work: work.map(({ name, url, hours }) => ({ name, hours, queue: createQueueDepth(url, client) })),
  deadLetters: deadLetters.map(({ name, url }) => ({ name, queue: createQueueDepth(url, client) })),
};

/** Invoked by its schedule. @returns the names of the problems that were reported */
export async function handler(_event: unknown, context: Context): Promise<string[]> {
  const log = createLog(logger, { requestId: context.awsRequestId });
  const told = await watch(settings, { store, announcer, clock, log });
  return told.map(({ problem }) => problem);
}
