import type { Context } from 'aws-lambda';
import { createAnnouncer } from '../adapters/event-bus.ts';
import { createS3Store } from '../adapters/s3-store.ts';
import { createLog } from '../adapters/telemetry.ts';
import { createWebhookApi } from '../adapters/webhook-api.ts';
import { createWebhookSecretStore } from '../adapters/webhook-secret.ts';
import { readEnvironment } from '../contract/environment.ts';
import { webhookScopes } from '../contract/webhook.ts';
import { reconcileDeliveries, type Reconciliation } from '../core/webhooks/reconcile-deliveries.ts';
import { clientMaker, clock, deadlineOf, logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('reconcile', process.env);
const announcer = createAnnouncer(environment.EVENT_BUS_NAME, environment.WORKSPACE);
const metrics = metricsOf(environment.WORKSPACE);
const store = createS3Store(environment.LAKE_BUCKET);
const secrets = createWebhookSecretStore(environment.WEBHOOK_SECRET_ARN);
const createClient = clientMaker(environment, webhookScopes, metrics);

/** Invoked by its schedule. Does nothing if no endpoint is registered. */
export async function handler(_event: unknown, context: Context): Promise<Reconciliation | undefined> {
  const log = createLog(logger, { requestId: context.awsRequestId });
  // A warm process may still cache an endpoint that a rotation has replaced.
  const endpointId = (await secrets.read(true))?.endpointId;
  if (!endpointId) {
    log.info('No webhook endpoint is registered; there is nothing to reconcile.');
    return undefined;
  }
  const ports = {
    store,
    api: createWebhookApi(createClient(log, deadlineOf(context))),
    clock,
    log,
    metrics,
    announcer,
  };
  return reconcileDeliveries(endpointId, ports);
}
