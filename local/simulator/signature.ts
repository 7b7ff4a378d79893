import { createHmac } from 'node:crypto';

/** `v1=` and the hex HMAC-SHA256 of `<timestamp>.<raw body>`, with the signing secret as its key. */
export function signatureOf(secret: string, timestampSeconds: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestampSeconds}.${body}`).digest('hex')}`;
}
