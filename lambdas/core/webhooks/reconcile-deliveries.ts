import { metricNames } from '../../contract/metrics.ts';
import { z } from 'zod';
import { askedDeliveriesKey, prefixes } from '../../contract/object-keys.ts';
import { webhookEvents } from '../../contract/pipeline-tables.ts';
import type { Problem } from '../../contract/problems.ts';
import { PipelineError } from '../errors.ts';
import { readParquet } from '../rows/parquet/read.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import type { Announcer, Clock, Log, Metrics, ObjectStore, WebhookApi } from '../ports.ts';

/** Compares what the vendor says that it delivered with what came, and asks for what failed once more. */

export interface ReconcilePorts {
  readonly store: ObjectStore;
  readonly api: WebhookApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly announcer: Announcer;
}

export interface Reconciliation {
  readonly deliveries: number;
  readonly retried: number;
  /** Deliveries that are not in `webhook_events` although they had time to come. */
  readonly neverReceived: number;
}

const maxRetries = 200;
/** Times that one delivery is asked for. One that our endpoint refuses, or that the vendor does not send again, is asked for once. */
const maxAsks = 3;
const askedDeliveries = z.record(z.string(), z.number().int());
const lookBackDays = 3;
const day = 86_400_000;
/** A delivery younger than this may still be on its way through the queue. */
const graceMilliseconds = 30 * 60_000;

/** @param endpointId ours: deliveries to other endpoints of the workspace are not looked at */
export async function reconcileDeliveries(endpointId: string, ports: ReconcilePorts): Promise<Reconciliation> {
  const { api, clock, log, metrics } = ports;
  const now = clock.now().getTime();
  const received = await receivedIds(ports.store, now);
  const asked = new Map(
    Object.entries((await readJson(ports.store, askedDeliveriesKey, askedDeliveries))?.value ?? {}),
  );
  const listed = new Map<string, number>();
  let [deliveries, retried, neverReceived] = [0, 0, 0];
  try {
    for await (const delivery of api.deliveries(endpointId)) {
      const age = now - (delivery.createdAt?.getTime() ?? now);
      if (age > lookBackDays * day) continue;
      deliveries += 1;
      if (age > graceMilliseconds && !received.has(delivery.id)) neverReceived += 1;
      const asks = asked.get(delivery.id) ?? 0;
      if (asks > 0) listed.set(delivery.id, asks);
      // One that the vendor tries again by itself is left to it.
      if (!delivery.failed || delivery.willRetry || received.has(delivery.id)) continue;
      if (retried >= maxRetries || asks >= (delivery.isRefused ? 1 : maxAsks)) continue;
      const isSent = await sendAgain(endpointId, delivery.id, ports);
      if (isSent) retried += 1;
      listed.set(delivery.id, isSent ? asks + 1 : maxAsks);
    }
  } catch (error) {
    // What was asked for stays known, and so does what is further down the list.
    await writeJson(ports.store, askedDeliveriesKey, Object.fromEntries([...asked, ...listed]));
    throw error;
  }
  // Deliveries that are listed no longer, or are too old, are not asked for again.
  await writeJson(ports.store, askedDeliveriesKey, Object.fromEntries(listed));
  const counts = { deliveries, retried, neverReceived };
  log.info('Deliveries are reconciled.', counts);
  metrics.count(metricNames.deliveriesRetried, retried);
  metrics.count(metricNames.eventsNeverReceived, neverReceived);
  if (neverReceived > 0) {
    const message = `The vendor lists ${neverReceived} deliveries of the last ${lookBackDays} days that never came.`;
    await ports.announcer.announce('needsAttention', { problem: 'EventsNeverReceived', message } satisfies Problem);
  }
  return counts;
}

/** @returns false if the vendor does not send it again */
async function sendAgain(endpointId: string, deliveryId: string, { api, log }: ReconcilePorts): Promise<boolean> {
  try {
    await api.retry(endpointId, deliveryId);
    return true;
  } catch (error) {
    if (!(error instanceof PipelineError) || error.disposition !== 'terminal') throw error;
    log.warn('A delivery is not sent again by the vendor.', { deliveryId, ...error.toFailure() });
    return false;
  }
}

async function receivedIds(store: ObjectStore, now: number): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let back = 0; back <= lookBackDays + 1; back += 1) {
    const date = new Date(now - back * day).toISOString().slice(0, 10);
    for await (const { key } of store.list(`${prefixes.lake}${webhookEvents.name}/dt=${date}/`)) {
      const object = await store.get(key);
      if (!object) continue;
      for (const row of await readParquet(object.body, ['delivery_id'])) ids.add(String(row['delivery_id']));
    }
  }
  return ids;
}
