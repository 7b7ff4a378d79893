import type { WebhookSecret } from '../../contract/webhook.ts';
import type { Clock, Queue, WebhookSecretStore } from '../ports.ts';
import { type Reception, receiveWebhook, type WebhookRequest } from './receive-webhook.ts';

export interface DeliveryPorts {
  readonly secrets: Pick<WebhookSecretStore, 'read'>;
  readonly eventQueue: Queue;
  readonly clock: Clock;
}

/** Verifies a delivery and queues it. The vendor gets its answer only after the message is in the queue. */
export async function takeDelivery(
  request: WebhookRequest,
  { secrets, eventQueue, clock }: DeliveryPorts,
): Promise<Reception> {
  const receive = (secret: WebhookSecret | undefined) =>
    receiveWebhook(request, validSecrets(secret, clock.now()), clock.now());
  let reception = receive(await secrets.read());
  // The secret may have been rotated since it was read.
  if (!reception.accepted && reception.fault === 'mismatch') {
    reception = receive(await secrets.read(true));
  }
  if (reception.accepted) await eventQueue.send([{ body: reception.message }]);
  return reception;
}

function validSecrets(secret: WebhookSecret | undefined, now: Date): string[] {
  if (!secret) return [];
  const { current, previous } = secret;
  return previous && now.getTime() < Date.parse(previous.until) ? [current, previous.secret] : [current];
}
