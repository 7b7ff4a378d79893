import type { Context } from 'aws-lambda';
import { createS3Store } from '../adapters/s3-store.ts';
import { createSqsQueue } from '../adapters/sqs-queue.ts';
import { createLog } from '../adapters/telemetry.ts';
import { withCustomColumns } from '../contract/custom-columns.ts';
import { readEnvironment } from '../contract/environment.ts';
import { type KeyCheckAnswer, keyCheckRequest, planRequest } from '../contract/messages.ts';
import { createRateLimiter } from '../core/api/rate-limiter.ts';
import { askWorkspace } from '../core/plan/check-workspace.ts';
import { planRun } from '../core/plan/plan-run.ts';
import { streamsIn, withParents } from '../streams/registry.ts';
import { apiMaker, clock, deadlineOf, logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('plan', process.env);
const metrics = metricsOf(environment.WORKSPACE);
const store = createS3Store(environment.LAKE_BUCKET);
const extractQueue = createSqsQueue(environment.EXTRACT_QUEUE_URL);
const publishQueue = createSqsQueue(environment.PUBLISH_QUEUE_URL);
/** Plan makes only one request per run. */
const createApi = apiMaker(environment, { limiter: createRateLimiter(60), mostInFlight: 1 }, metrics);

/** Invoked by the schedule, by `ops`, or by hand with a plan request. */
export async function handler(event: unknown, context: Context): Promise<{ runId: string | null } | KeyCheckAnswer> {
  if (keyCheckRequest.safeParse(event).success) {
    const api = createApi(createLog(logger, {}));
    return { refusal: (await askWorkspace({ store, api }, deadlineOf(context)))?.message ?? null };
  }
  const request = planRequest.parse(event);
  const log = createLog(logger, { scheduledAt: request.scheduledAt, kind: request.kind });
  const streams = request.streams ? withParents(request.streams) : streamsIn(environment.STREAMS);
  const settings = {
    streams: streams.map((stream) => withCustomColumns(stream, environment.CUSTOM_COLUMNS)),
    startDate: environment.START_DATE === '' ? undefined : new Date(environment.START_DATE),
    lookbackHours: environment.LOOKBACK_HOURS,
    rereadDays: environment.REREAD_DAYS,
    runDeadlineHours: environment.RUN_DEADLINE_HOURS,
    publishCheckSeconds: environment.PUBLISH_CHECK_SECONDS,
  };
  const ports = { store, extractQueue, publishQueue, api: createApi(log), clock, log };
  const plan = await planRun(request, settings, ports, deadlineOf(context));
  return { runId: plan?.runId ?? null };
}
