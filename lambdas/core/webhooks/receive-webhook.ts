import { createHash } from 'node:crypto';
import {
  maxWebhookBytes,
  webhookHeaders,
  type WebhookMessage,
  webhookToleranceSeconds,
} from '../../contract/webhook.ts';
import { byteText, decodeUtf8, toUtf8 } from '../rows/charsets.ts';
import { isJson } from '../rows/json-slices.ts';
import { type SignatureFault, signatureFault } from './webhook-signature.ts';

/** An HTTP request as API Gateway passes it (payload format 2.0). */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
}

export type Reception =
  | { readonly accepted: true; readonly message: WebhookMessage }
  | {
      readonly accepted: false;
      readonly status: 401 | 413;
      readonly reason: string;
      /** What was wrong with the signature, if the request was refused because of it. */
      readonly fault?: SignatureFault;
    };

const maxNameLength = 200;

/**
 * Decides whether to accept one delivery. The raw bytes are verified before anything in them is read. A verified
 * delivery is accepted whatever it contains: if we refused a ping or an unknown event, the vendor would keep retrying
 * and finally disable the endpoint. The reason of a refusal quotes nothing from the request.
 */
export function receiveWebhook(request: WebhookRequest, secrets: readonly string[], now: Date): Reception {
  const encoded = request.body ?? '';
  // Base64 is a third longer than its content, so text of twice the limit need not be decoded.
  if (encoded.length > maxWebhookBytes * 2) return refused(413, 'the body is too large');
  const body = Buffer.from(encoded, request.isBase64Encoded ? 'base64' : 'utf8');
  if (body.byteLength > maxWebhookBytes) return refused(413, 'the body is too large');

  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const header = (name: keyof typeof webhookHeaders) => headers.get(webhookHeaders[name]);
  const [timestamp, signature] = [header('timestamp'), header('signature')];
  if (!timestamp || !signature) return refused(401, 'the timestamp or the signature is missing');
  const fault = signatureFault({ timestamp, signature, body }, secrets, now, webhookToleranceSeconds);
  if (fault) return { ...refused(401, `the signature is refused (${fault})`), fault };

  const deliveryId = header('delivery') ?? '';
  return {
    accepted: true,
    message: {
      deliveryId: isName(deliveryId) ? deliveryId : `unnamed-${digestOf(timestamp, body)}`,
      event: (header('event') ?? '').slice(0, maxNameLength),
      signedAt: new Date(Number(timestamp) * 1_000).toISOString(),
      receivedAt: now.toISOString(),
      body: jsonOf(body),
    },
  };
}

const isName = (text: string) => text.length > 0 && text.length <= maxNameLength;

/** Digest that replaces a missing delivery id. A retry gets the same one only if the vendor does not sign it anew. */
function digestOf(timestamp: string, body: Uint8Array): string {
  return createHash('sha256').update(`${timestamp}.`).update(body).digest('base64url').slice(0, 22);
}

function jsonOf(body: Buffer): string {
  const { text, isUtf8 } = decodeUtf8(toUtf8(byteText(body), null) ?? '');
  return isUtf8 && isJson(text) ? text : JSON.stringify({ _bytes: body.toString('base64') });
}

function refused(status: 401 | 413, reason: string): Extract<Reception, { accepted: false }> {
  return { accepted: false, status, reason };
}
