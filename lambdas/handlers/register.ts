import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { z } from 'zod';
import { answerCloudFormation } from '../adapters/cloudformation.ts';
import { createLog } from '../adapters/telemetry.ts';
import { createWebhookApi } from '../adapters/webhook-api.ts';
import { createWebhookSecretStore } from '../adapters/webhook-secret.ts';
import { readEnvironment } from '../contract/environment.ts';
import { webhookEvents, webhookScopes } from '../contract/webhook.ts';
import { failureOf } from '../core/errors.ts';
import {
  createEndpoint,
  deleteEndpoint,
  type EndpointPorts,
  rotateSecret,
  updateEndpoint,
} from '../core/webhooks/webhook-endpoint.ts';
import { clientMaker, logger, metricsOf } from './runtime.ts';

const environment = readEnvironment('register', process.env);
const metrics = metricsOf(environment.WORKSPACE);
const secrets = createWebhookSecretStore(environment.WEBHOOK_SECRET_ARN);
const createClient = clientMaker(environment, webhookScopes, metrics);

const wish = z.object({ url: z.url(), events: z.array(z.enum(webhookEvents)).min(1) });
/** What a person invokes it with to rotate the secret; url and events as the stack's outputs say. */
const rotation = wish.extend({ action: z.literal('rotate') });
/** The same for ever: the endpoint itself is named in the secret, and may change by a rotation. */
const physicalId = 'prospectb2b-webhook-endpoint';

/** The custom resource behind the webhook endpoint, and by hand the rotation of its secret. */
export async function handler(
  event: CloudFormationCustomResourceEvent | z.infer<typeof rotation>,
  context: Context,
): Promise<{ rotated: boolean }> {
  const log = createLog(logger, { requestId: context.awsRequestId });
  const ports = { api: createWebhookApi(createClient(log, context)), secrets, log };
  if (!('RequestType' in event)) {
    await rotateSecret(rotation.parse(event), ports);
    return { rotated: true };
  }
  try {
    await follow(event, ports);
    await answerCloudFormation(event, physicalId);
  } catch (error) {
    log.error('The webhook endpoint could not be changed.', { ...failureOf(error) });
    await answerCloudFormation(event, physicalId, failureOf(error).message);
  }
  return { rotated: false };
}

/** CloudFormation's id of the request is the same on each attempt at it, and so is the idempotency key. */
async function follow(request: CloudFormationCustomResourceEvent, ports: EndpointPorts): Promise<void> {
  const key = `prospect-lake-${request.RequestId}`;
  switch (request.RequestType) {
    case 'Create':
      return createEndpoint(wish.parse(request.ResourceProperties), key, ports);
    case 'Update':
      return updateEndpoint(wish.parse(request.ResourceProperties), key, ports);
    case 'Delete':
      return deleteEndpoint(ports);
  }
}
