import type { Context } from 'aws-lambda';
import { createLog } from '../adapters/telemetry.ts';
import type { readEnvironment } from '../contract/environment.ts';
import type { ExtractMessage } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import type { Plan } from '../contract/run.ts';
import { convertInline } from '../core/convert/convert-task.ts';
import { extractTask } from '../core/extract/extract-task.ts';
import type { ExtractWork } from '../core/extract/extract-work.ts';
import type { Api, Log, Metrics, ObjectStore, Queue } from '../core/ports.ts';
import { streamNamed } from '../streams/registry.ts';
import { convertSettings } from './convert-settings.ts';
import { clock, deadlineOf, logger } from './runtime.ts';

type ExtractEnvironment = Pick<
  ReturnType<typeof readEnvironment<'extract'>>,
  'PAGE_SIZE' | 'IN_FLIGHT' | 'PERSONAL_DATA' | 'CUSTOM_COLUMNS' | 'HASH_KEY_SECRET_ARN'
>;

interface StepPorts {
  readonly store: ObjectStore;
  readonly extractQueue: Queue;
  readonly convertQueue: Queue;
}

/** Makes the work on one task, which is the same in each function that reads from the API. */
export function extractStep(environment: ExtractEnvironment, createApi: (log: Log) => Api, metrics: Metrics) {
  return async (
    message: ExtractMessage,
    plan: Plan,
    context: Context,
    ports: StepPorts,
    delivery: Pick<ExtractWork, 'isRedelivered' | 'isLastDelivery'> = {},
  ): Promise<void> => {
    const { runId, runStartedAt, task } = message;
    const { taskId, stream } = task;
    const log = createLog(logger, { runId, taskId, stream });
    const api = createApi(log);
    const convert = async (sequence: number, keepReceipt: boolean, bytes: Buffer | undefined) => {
      const chunk = { runId, runStartedAt, taskId, stream, sequence };
      const settings = await convertSettings(stream, environment);
      return convertInline(chunk, settings, { store: ports.store, clock }, keepReceipt, bytes);
    };
    const work = {
      message,
      ...delivery,
      stream: streamNamed(stream),
      deadline: deadlineOf(context),
      runDeadline: plan.deadline,
      pageSize: environment.PAGE_SIZE,
      inFlight: environment.IN_FLIGHT,
    };
    try {
      await extractTask(work, { ...ports, convertInline: convert, api, clock, log });
    } finally {
      // Webhooks come all day, make few requests, and a metric costs money in each hour in which it is written.
      if (plan.kind !== 'refresh') metrics.count(metricNames.apiRequests, api.counts.requests);
    }
  };
}
