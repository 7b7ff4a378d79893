import { createHmac } from 'node:crypto';

/** Signature of a webhook: `v1=` and the hex HMAC-SHA256 of `<timestamp>.<raw body>`, keyed with the signing secret. */
export function signatureOf(secret: string, timestampSeconds: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestampSeconds}.${body}`).digest('hex')}`;
}
