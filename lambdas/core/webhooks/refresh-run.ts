import { partitionDate, parquetKey, pipelineStateKey, planKey } from '../../contract/object-keys.ts';
import type { ExportMessage } from '../../contract/messages.ts';
import { webhookEvents as webhookEventTable } from '../../contract/pipeline-tables.ts';
import { type Plan, plan as planSchema } from '../../contract/run.ts';
import { pipelineState } from '../../contract/pipeline-state.ts';
import type { Stream } from '../../contract/stream.ts';
import { eventTarget, type WebhookMessage } from '../../contract/webhook.ts';
import { isAboutForgotten, readForgotten } from '../rows/forgotten.ts';
import { type DispatchPorts, dispatchRun } from '../runs/dispatch-run.ts';
import { writeParquet } from '../rows/parquet/write.ts';
import { planRefresh, type RefreshEvent, refreshEvent, refreshRunId } from './plan-refresh.ts';
import { emptyState } from '../runs/pipeline-state.ts';
import type { Clock, Queue } from '../ports.ts';
import type { ParsedRow } from '../rows/rows.ts';
import type { ReadSettings } from '../runs/selections.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { type ColumnMask, maskRow } from '../rows/mask-columns.ts';

export interface RefreshPorts extends DispatchPorts {
  readonly exportQueue: Queue;
  readonly clock: Clock;
  /**
   * Does the work of a run whose plan was just stored, if the run is small. @returns false if its messages have to be
   * sent. @default they are always sent
   */
  readonly runHere?: (plan: Plan) => Promise<boolean>;
}

export interface RefreshSettings {
  readonly streams: readonly Stream[];
  readonly deadlineHours: number;
  readonly reading: ReadSettings;
  readonly publishCheckSeconds: number;
  readonly mask: ColumnMask;
}

/**
 * Turns a batch of events into one run. Each event becomes a row of `webhook_events`; each resource that the events
 * name is read once. Events are only hints: the tables get what the API returns. The same batch again gives the same
 * run.
 * An event that names a person whom `ops forget` has erased is dropped.
 * @returns undefined if no event is about an enabled stream; the events are still stored
 */
export async function refreshRun(
  messages: readonly WebhookMessage[],
  settings: RefreshSettings,
  ports: RefreshPorts,
): Promise<Plan | undefined> {
  const { store, clock } = ports;
  const forgotten = await readForgotten(store);
  const events = distinct(messages)
    .filter(({ body }) => !isAboutForgotten(forgotten, body))
    .map(refreshEvent);
  if (events.length === 0) return undefined;
  const runId = refreshRunId(events.map(({ message }) => message));
  const { plan, isNew } = await makePlan(runId, events, settings, ports);
  const receivedAt = events.map(({ message }) => message.receivedAt).toSorted()[0] ?? '';
  const date = partitionDate(plan?.startedAt ?? receivedAt);
  const masked = settings.mask(webhookEventTable);
  const rows = events.map((event) => maskRow(eventRow(event, plan?.runId ?? null), masked));
  await store.put(parquetKey(webhookEventTable.name, date, runId, 'events', 0), writeParquet(webhookEventTable, rows));
  await ports.exportQueue.send(finishedExports(events, clock.now()).map((body) => ({ body })));
  if (!plan || (isNew && (await ports.runHere?.(plan)))) return plan;
  await dispatchRun(plan, settings.publishCheckSeconds, ports, { isNew });
  return plan;
}

/** Makes and stores the plan of a batch. If an earlier delivery of the batch has stored one, that plan stays. */
async function makePlan(
  runId: string,
  events: readonly RefreshEvent[],
  settings: RefreshSettings,
  { store, clock }: RefreshPorts,
): Promise<{ readonly plan: Plan | undefined; readonly isNew: boolean }> {
  // Only a stream that is read for changes needs to know since when.
  const readsChanges = events.some(({ stream, resourceId }) => stream !== undefined && resourceId === undefined);
  const state = readsChanges ? await readJson(store, pipelineStateKey, pipelineState) : undefined;
  const plan = planRefresh({
    events,
    streams: settings.streams,
    state: state?.value ?? emptyState,
    now: clock.now(),
    deadlineHours: settings.deadlineHours,
    settings: settings.reading,
  });
  // Store the plan without looking for one first: few batches come twice, so most looks would find nothing.
  if (plan.tasks.length > 0 && (await writeJson(store, planKey(runId), plan, { ifAbsent: true })))
    return { plan, isNew: true };
  return { plan: (await readJson(store, planKey(runId), planSchema))?.value, isNew: false };
}

/** Keeps one message per delivery. */
function distinct(messages: readonly WebhookMessage[]): WebhookMessage[] {
  return [...new Map(messages.map((message) => [message.deliveryId, message])).values()];
}

function eventRow({ message, stream, resourceId }: RefreshEvent, runId: string | null): ParsedRow {
  return {
    delivery_id: message.deliveryId,
    event: message.event,
    resource_table: stream ?? null,
    resource_id: resourceId ?? null,
    signed_at: new Date(message.signedAt),
    received_at: new Date(message.receivedAt),
    body: message.body,
    _run_id: runId,
  };
}

/** Messages to poll exports now: those that have ended according to an event. */
function finishedExports(events: readonly RefreshEvent[], now: Date): ExportMessage[] {
  const ids = events.flatMap(({ message, resourceId }) =>
    eventTarget(message.event)?.resource === 'export' && resourceId !== undefined ? [resourceId] : [],
  );
  return [...new Set(ids)].map((exportId) => ({ step: 'follow', exportId, receivedAt: now.toISOString() }));
}
