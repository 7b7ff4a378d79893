import { metricNames } from '../../contract/metrics.ts';
import { prefixes } from '../../contract/object-keys.ts';
import { webhookEvents } from '../../contract/pipeline-tables.ts';
import { PipelineError } from '../errors.ts';
import { readParquet } from '../rows/parquet/read.ts';
import type { Clock, Log, Metrics, ObjectStore, WebhookApi } from '../ports.ts';

/** Compares what the vendor says that it delivered with what came, and asks for what failed once more. */

export interface ReconcilePorts {
  readonly store: ObjectStore;
  readonly api: WebhookApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface Reconciliation {
  readonly deliveries: number;
  readonly retried: number;
  /** Deliveries that are not in `webhook_events` although they had time to come. */
  readonly neverReceived: number;
}

const maxRetries = 200;
const lookBackDays = 3;
const day = 86_400_000;
/** A delivery younger than this may still be on its way through the queue. */
const graceMilliseconds = 30 * 60_000;

/** @param endpointId ours: deliveries to other endpoints of the workspace are not looked at */
export async function reconcileDeliveries(endpointId: string, ports: ReconcilePorts): Promise<Reconciliation> {
  const { api, clock, log, metrics } = ports;
  const now = clock.now().getTime();
  const received = await receivedIds(ports.store, now);
  let [deliveries, retried, neverReceived] = [0, 0, 0];
  for await (const delivery of api.deliveries(endpointId)) {
    const age = now - (delivery.createdAt?.getTime() ?? now);
    if (age > lookBackDays * day) continue;
    deliveries += 1;
    if (age > graceMilliseconds && !received.has(delivery.id)) neverReceived += 1;
    // One that the vendor tries again by itself is left to it.
    if (!delivery.failed || delivery.willRetry || received.has(delivery.id) || retried >= maxRetries) continue;
    try {
      await api.retry(endpointId, delivery.id);
      retried += 1;
    } catch (error) {
      if (!(error instanceof PipelineError) || error.disposition !== 'terminal') throw error;
      log.warn('A delivery could not be sent again.', { deliveryId: delivery.id, ...error.toFailure() });
    }
  }
  const counts = { deliveries, retried, neverReceived };
  log.info('Deliveries are reconciled.', counts);
  metrics.count(metricNames.deliveriesRetried, retried);
  metrics.count(metricNames.eventsNeverReceived, neverReceived);
  return counts;
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
