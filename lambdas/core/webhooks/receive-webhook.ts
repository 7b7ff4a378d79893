import { z } from 'zod';
import {
  maxWebhookBytes,
  webhookEvents,
  webhookHeaders,
  type WebhookMessage,
  webhookToleranceSeconds,
} from '../../contract/webhook.ts';
import { type SignatureFault, signatureFault } from './webhook-signature.ts';

/** An HTTP request as API Gateway hands it over (payload format 2.0). */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
}

export type Reception =
  | { readonly accepted: true; readonly message: WebhookMessage }
  | {
      readonly accepted: false;
      readonly status: 400 | 401 | 413;
      readonly reason: string;
      /** What was wrong with the signature, where that was it. */
      readonly fault?: SignatureFault;
    };

const knownEvent = z.enum(webhookEvents);
const deliveryId = z.string().min(1).max(200);
const jsonObject = z.record(z.string(), z.unknown());

/**
 * Decides about one delivery. The raw bytes are verified before anything in them is read; what is refused
 * is refused with a reason that holds nothing of the request.
 */
export function receiveWebhook(request: WebhookRequest, secrets: readonly string[], now: Date): Reception {
  const encoded = request.body ?? '';
  // Base64 is four thirds of what it holds: no need to decode what is too large anyway.
  if (encoded.length > maxWebhookBytes * 2) return refused(413, 'the body is too large');
  const body = Buffer.from(encoded, request.isBase64Encoded ? 'base64' : 'utf8');
  if (body.byteLength > maxWebhookBytes) return refused(413, 'the body is too large');

  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const header = (name: keyof typeof webhookHeaders) => headers.get(webhookHeaders[name]);
  const [timestamp, signature] = [header('timestamp'), header('signature')];
  if (!timestamp || !signature) return refused(401, 'the timestamp or the signature is missing');
  const fault = signatureFault({ timestamp, signature, body }, secrets, now, webhookToleranceSeconds);
  if (fault) return { ...refused(401, `the signature is refused (${fault})`), fault };

  const event = knownEvent.safeParse(header('event'));
  if (!event.success) return refused(400, 'the event is unknown');
  const delivery = deliveryId.safeParse(header('delivery'));
  if (!delivery.success) return refused(400, 'the delivery id is missing or too long');
  const text = body.toString('utf8');
  if (!isJsonObject(text)) return refused(400, 'the body is not a JSON object');
  return {
    accepted: true,
    message: {
      deliveryId: delivery.data,
      event: event.data,
      signedAt: new Date(Number(timestamp) * 1_000).toISOString(),
      receivedAt: now.toISOString(),
      body: text,
    },
  };
}

function isJsonObject(text: string): boolean {
  try {
    return jsonObject.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

function refused(status: 400 | 401 | 413, reason: string): Extract<Reception, { accepted: false }> {
  return { accepted: false, status, reason };
}
