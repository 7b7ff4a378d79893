import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createSqsQueue } from '../adapters/sqs-queue.ts';
import { createWebhookSecretStore } from '../adapters/webhook-secret.ts';
import { readEnvironment } from '../contract/environment.ts';
import { takeDelivery } from '../core/webhooks/take-delivery.ts';
import { clock, logger } from './runtime.ts';

const environment = readEnvironment('webhook', process.env);
const eventQueue = createSqsQueue(environment.REFRESH_QUEUE_URL);
/**
 * The secret is read at most this often. A delivery that was signed with a secret newer than the last read is refused,
 * and the vendor sends it again.
 */
const freshMilliseconds = 5_000;
const secrets = createWebhookSecretStore(environment.WEBHOOK_SECRET_ARN, new SecretsManagerClient(), freshMilliseconds);

/** Receives the vendor's deliveries: verifies, queues and answers each. A refused delivery leaves one log line. */
export async function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  const request = { headers: event.headers, body: event.body, isBase64Encoded: event.isBase64Encoded };
  const reception = await takeDelivery(request, { secrets, eventQueue, clock });
  if (reception.accepted) return answer(202, { received: true });
  logger.warn('A delivery is refused.', { status: reception.status, reason: reception.reason });
  return answer(reception.status, { error: reception.reason });
}

function answer(statusCode: number, body: object): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
