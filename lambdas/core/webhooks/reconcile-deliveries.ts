/** Compares the deliveries that the vendor lists with those received, and requests the failed ones again. */

import { metricNames } from '../../contract/metrics.ts';
import { z } from 'zod';
import { askedDeliveriesKey, prefixes } from '../../contract/object-keys.ts';
import { webhookEvents } from '../../contract/pipeline-tables.ts';
import type { Problem } from '../../contract/problems.ts';
import { PipelineError } from '../errors.ts';
import { readParquet } from '../rows/parquet/read.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { readObject } from '../store/stored-object.ts';
import type { Announcer, Clock, Log, Metrics, ObjectStore, WebhookApi } from '../ports.ts';

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
  /** Deliveries that are not in `webhook_events` although they had enough time to arrive. */
  readonly neverReceived: number;
}

const maxRetries = 200;
/**
 * How often one delivery is requested again. A delivery that our endpoint refuses is requested only once, and so is one
 * that the vendor refuses to send again.
 */
const maxAsks = 3;
const askedDeliveries = z.record(z.string(), z.number().int());
const lookBackDays = 3;
const day = 86_400_000;
/** Age from which a delivery counts as never received: a younger one may still be in the queue. */
const graceMilliseconds = 30 * 60_000;

/**
 * Reconciles the deliveries of the last three days.
 * @param endpointId our endpoint; deliveries to other endpoints of the workspace are ignored
 */
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
      // Skip deliveries that arrived, and those that the vendor retries by itself.
      if (!delivery.failed || delivery.willRetry || received.has(delivery.id)) continue;
      if (retried >= maxRetries || asks >= (delivery.isRefused ? 1 : maxAsks)) continue;
      const isSent = await sendAgain(endpointId, delivery.id, ports);
      if (isSent) retried += 1;
      listed.set(delivery.id, isSent ? asks + 1 : maxAsks);
    }
  } catch (error) {
    // Stores the counts so far, and keeps the old counts of deliveries that were not reached.
    await writeJson(ports.store, askedDeliveriesKey, Object.fromEntries([...asked, ...listed]));
    throw error;
  }
  // Drops deliveries that are no longer listed or are too old; they are not requested again.
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

/** Requests a delivery again. @returns false if the vendor refuses to send it again */
async function sendAgain(endpointId: string, deliveryId: string, { api, log }: ReconcilePorts): Promise<boolean> {
  try {
    await api.retry(endpointId, deliveryId);
    return true;
  } catch (error) {
    if (!(error instanceof PipelineError) || error.disposition !== 'terminal') throw error;
    log.warn('The vendor refuses to send a delivery again.', { deliveryId, ...error.toFailure() });
    return false;
  }
}

async function receivedIds(store: ObjectStore, now: number): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let back = 0; back <= lookBackDays + 1; back += 1) {
    const date = new Date(now - back * day).toISOString().slice(0, 10);
    for await (const { key } of store.list(`${prefixes.lake}${webhookEvents.name}/dt=${date}/`)) {
      const object = await readObject(store, key);
      if (!object) continue;
      for (const row of await readParquet(key, object.body, ['delivery_id'])) ids.add(String(row['delivery_id']));
    }
  }
  return ids;
}
