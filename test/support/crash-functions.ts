/** Dispatches each message and event to its part of the core, without the handlers' wiring. */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { FunctionName } from '../../lambdas/contract/environment.ts';
import {
  convertMessage,
  type ExtractMessage,
  exportMessage,
  extractMessage,
  planRequest,
  type PublishMessage,
  publishMessage,
} from '../../lambdas/contract/messages.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import { webhookEvents, webhookMessage } from '../../lambdas/contract/webhook.ts';
import { convertInline, convertTask } from '../../lambdas/core/convert/convert-task.ts';
import { takeExportStep } from '../../lambdas/core/exports/export-steps.ts';
import { extractTask } from '../../lambdas/core/extract/extract-task.ts';
import { planRun } from '../../lambdas/core/plan/plan-run.ts';
import type { Warehouse } from '../../lambdas/core/iceberg/warehouse.ts';
import type * as Ports from '../../lambdas/core/ports.ts';
import { publishRun } from '../../lambdas/core/publish/publish-run.ts';
import { pingPublish } from '../../lambdas/core/runs/ping-publish.ts';
import { runHere, type StepsHere } from '../../lambdas/core/runs/run-here.ts';
import { createPlanReader } from '../../lambdas/core/runs/plan-reader.ts';
import { reconcileDeliveries } from '../../lambdas/core/webhooks/reconcile-deliveries.ts';
import { refreshRun } from '../../lambdas/core/webhooks/refresh-run.ts';
import { takeDelivery } from '../../lambdas/core/webhooks/take-delivery.ts';
import { deleteEndpoint, ensureEndpoint, rotateSecret } from '../../lambdas/core/webhooks/webhook-endpoint.ts';
import { maskNothing } from '../../lambdas/core/rows/mask-columns.ts';
import { leadExports } from '../../lambdas/streams/lead-exports.ts';
import { leads } from '../../lambdas/streams/leads.ts';
import { streamNamed } from '../../lambdas/streams/registry.ts';

export interface FunctionSettings {
  readonly pageSize: number;
  /** Requests that a task may have under way at once. */
  readonly inFlight: number;
  readonly runDeadlineSeconds: number;
  readonly snapshotDays: number;
  /** Whether extract and convert send publish a message to check a run after each batch. */
  readonly pings: boolean;
}

export interface FunctionContext {
  readonly streams: readonly Stream[];
  readonly deadline: Ports.Deadline;
  readonly settings: FunctionSettings;
  readonly ports: {
    readonly store: Ports.ObjectStore;
    readonly extractQueue: Ports.Queue;
    readonly convertQueue: Ports.Queue;
    readonly publishQueue: Ports.Queue;
    readonly eventQueue: Ports.Queue;
    readonly exportQueue: Ports.Queue;
    readonly api: Ports.Api;
    /** This, `source` and `webhooks` are undefined if the trial uses only the vendor's lists. */
    readonly exports: Ports.ExportApi | undefined;
    readonly source: Ports.ExportSource | undefined;
    readonly webhooks: Ports.WebhookApi | undefined;
    readonly secrets: Ports.WebhookSecretStore;
    readonly announcer: Ports.Announcer;
    readonly clock: Ports.Clock;
    readonly log: Ports.Log;
    readonly metrics: Ports.Metrics;
    readonly catalog: Ports.Catalog;
    readonly warehouse: Warehouse;
    readonly newId: () => string;
  };
}

const publishCheckSeconds = 60;
const reading = { startDate: undefined, lookbackHours: 24, rereadDays: 7 };
const publishSettings = {
  streamNamed,
  publishCheckSeconds,
  lookbackHours: reading.lookbackHours,
  childRereadDays: 30,
  settledDays: 7,
  confirmAfterSeconds: 900,
  expectedHours: 27,
  /** The trials' workspaces are so small that one row is a large share. */
  maxDeletedShare: 0.5,
};
const exportSettings = {
  firstPollSeconds: 30,
  slowestPollSeconds: 300,
  deadlineHours: 24,
  hasSource: true,
  maxDeletedShare: publishSettings.maxDeletedShare,
  publishCheckSeconds,
  /** Small, so that each file of the trials has several chunks. */
  chunkRows: 2,
};

export async function takeMessages(
  queue: FunctionName,
  bodies: readonly unknown[],
  context: FunctionContext,
): Promise<void> {
  const { streams, deadline, settings, ports } = context;
  const runDeadlineHours = settings.runDeadlineSeconds / 3_600;
  if (queue === 'refresh') {
    const refresh = { streams, deadlineHours: runDeadlineHours, publishCheckSeconds, reading, mask: maskNothing };
    const steps: StepsHere = {
      extract: (message, here) => extract(message, { ...context, ports: { ...ports, ...here } }),
      publish: async (message, here) =>
        (await publish(message, { ...context, ports: { ...ports, ...here } })) !== undefined,
    };
    await refreshRun(z.array(webhookMessage).parse(bodies), refresh, {
      ...ports,
      runHere: (plan) => runHere(plan, steps, { ...ports, deadline }),
    });
    return;
  }
  for (const body of bodies) {
    if (queue === 'extract') {
      await extract(extractMessage.parse(body), context);
    } else if (queue === 'convert') {
      const message = convertMessage.parse(body);
      await convertTask(message, { stream: streamNamed(message.stream), mask: maskNothing }, ports);
    } else if (queue === 'publish') {
      await publish(publishMessage.parse(body), context);
    } else if (queue === 'export') {
      const work = {
        settings: { ...exportSettings, runDeadlineHours },
        streams: {
          leads,
          exports: leadExports,
          children: streams.filter(({ parent }) => parent?.stream === leads.name),
        },
        deadline,
      };
      await takeExportStep(exportMessage.parse(body), work, { ...ports, api: required(ports.exports) });
    }
  }
  if (settings.pings && (queue === 'extract' || queue === 'convert'))
    await pingPublish(z.array(ofRun).parse(bodies), ports.publishQueue);
}

function publish(message: PublishMessage, { deadline, settings: { snapshotDays }, ports }: FunctionContext) {
  return publishRun(message, { ...publishSettings, snapshotDays }, { ...ports, deadline });
}

const ofRun = z.object({ runId: z.string() });

async function extract(message: ExtractMessage, context: FunctionContext): Promise<void> {
  const { deadline, settings, ports } = context;
  const { pageSize, inFlight } = settings;
  const { runId, runStartedAt, task } = message;
  const stream = streamNamed(task.stream);
  const { deadline: runDeadline } = await createPlanReader(ports.store)(runId);
  const convert = (sequence: number, keepReceipt: boolean) => {
    const chunk = { runId, runStartedAt, taskId: task.taskId, stream: stream.name, sequence };
    return convertInline(chunk, { stream, mask: maskNothing }, ports, keepReceipt);
  };
  const work = { message, stream, deadline, runDeadline, pageSize, inFlight };
  await extractTask(work, { ...ports, convertInline: convert });
}

const tick = z.object({ scheduledAt: z.iso.datetime() });
const delivery = z.object({ headers: z.record(z.string(), z.string()), body: z.string() });
const registration = z.object({
  action: z.enum(['create', 'rotate', 'delete']),
  url: z.url(),
  events: z.array(z.enum(webhookEvents)),
});

/** Invokes a function with an event. @returns its answer to the caller, never undefined */
export async function invokeFunction(
  name: FunctionName,
  event: unknown,
  { streams, deadline, settings: { runDeadlineSeconds }, ports }: FunctionContext,
): Promise<unknown> {
  switch (name) {
    case 'plan': {
      const settings = { streams, ...reading, runDeadlineHours: runDeadlineSeconds / 3_600, publishCheckSeconds };
      return (await planRun(planRequest.parse(event), settings, ports, deadline)) ?? null;
    }
    case 'export':
      await ports.exportQueue.send([{ body: { step: 'create', ...tick.parse(event) } }]);
      return null;
    case 'webhook':
      return takeDelivery({ ...delivery.parse(event), isBase64Encoded: false }, ports);
    case 'reconcile': {
      const endpointId = (await ports.secrets.read(true))?.endpointId;
      if (!endpointId) return null;
      return reconcileDeliveries(endpointId, { ...ports, api: required(ports.webhooks) });
    }
    case 'register': {
      const { action, ...wish } = registration.parse(event);
      const api = required(ports.webhooks);
      const endpointPorts = { ...ports, api, cleanupApi: api, newId: randomUUID, previousSecretHours: 24 };
      if (action === 'rotate') await rotateSecret(wish, { isRevoked: false }, endpointPorts);
      if (action === 'rotate') return { isDone: true };
      // CloudFormation gets an answer whatever happens.
      const work = action === 'create' ? ensureEndpoint(wish, endpointPorts) : deleteEndpoint(wish.url, endpointPorts);
      return work.then(
        (left) => ({ isDone: left === undefined || left.length === 0 }),
        () => ({ isDone: false }),
      );
    }
    default:
      throw new RangeError(`${name} is not invoked but reads a queue.`);
  }
}

function required<T>(port: T | undefined): T {
  if (port === undefined) throw new Error('The trial has no vendor for this function.');
  return port;
}
