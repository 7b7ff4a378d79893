import type { WebhookSecret } from '../../contract/webhook.ts';
import type { Clock, Queue, WebhookSecretStore } from '../ports.ts';
import { type Reception, receiveWebhook, type WebhookRequest } from './receive-webhook.ts';

export interface DeliveryPorts {
  readonly secrets: Pick<WebhookSecretStore, 'read'>;
  readonly eventQueue: Queue;
  readonly clock: Clock;
}

/** Verifies a delivery and queues it: what is accepted is in the queue before the vendor hears of it. */
export async function takeDelivery(
  request: WebhookRequest,
  { secrets, eventQueue, clock }: DeliveryPorts,
): Promise<Reception> {
  let reception = receiveWebhook(request, validSecrets(await secrets.read()), clock.now());
  // The secret may have been rotated since it was read.
  if (!reception.accepted && reception.fault === 'mismatch') {
    reception = receiveWebhook(request, validSecrets(await secrets.read(true)), clock.now());
  }
  if (reception.accepted) await eventQueue.send([{ body: reception.message }]);
  return reception;
}

function validSecrets(secret: WebhookSecret | undefined): string[] {
  return secret ? [secret.current, ...(secret.previous === null ? [] : [secret.previous])] : [];
}
