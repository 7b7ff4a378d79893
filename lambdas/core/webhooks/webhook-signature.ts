import { createHmac, timingSafeEqual } from 'node:crypto';

/** Why a signature was refused. */
export type SignatureFault = 'malformed' | 'stale' | 'mismatch';

export interface SignedBody {
  /** Unix seconds, as in the header. */
  readonly timestamp: string;
  /** `v1=` and the hex HMAC-SHA256. During a rotation there may be several, separated by commas. */
  readonly signature: string;
  /** The bytes as received, before any parsing. */
  readonly body: Uint8Array;
}

const version = 'v1=';
const maxSignatures = 5;

/**
 * Checks the signature of an event with every secret that is valid now, in constant time.
 * @param secrets current and previous signing secret
 * @returns why the signature is refused; undefined if it is valid
 */
export function signatureFault(
  { timestamp, signature, body }: SignedBody,
  secrets: readonly string[],
  now: Date,
  toleranceSeconds: number,
): SignatureFault | undefined {
  if (!/^\d{1,12}$/.test(timestamp)) return 'malformed';
  const given = signature
    .split(',')
    .slice(0, maxSignatures)
    .map((part) => part.trim())
    .filter((part) => part.startsWith(version))
    .map((part) => Buffer.from(part.slice(version.length).toLowerCase(), 'utf8'));
  if (given.length === 0) return 'malformed';
  const expected = secrets.map((secret) =>
    Buffer.from(createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex'), 'utf8'),
  );
  const isGood = expected.some((good) => given.some((one) => one.length === good.length && timingSafeEqual(one, good)));
  if (!isGood) return 'mismatch';
  return Math.abs(now.getTime() / 1_000 - Number(timestamp)) > toleranceSeconds ? 'stale' : undefined;
}
