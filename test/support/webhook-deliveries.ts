import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import fc from 'fast-check';
import { z } from 'zod';
import { expect } from 'vitest';
import { maxWebhookBytes, webhookEvents } from '../../lambdas/contract/webhook.ts';

/** Time at which the test's deliveries arrive. */
export const now = Date.parse('2026-11-24T12:00:00.000Z');
const seconds = now / 1_000;
export const secrets = {
  current: 'whsec_test_current',
  previous: 'whsec_test_previous',
  foreign: 'whsec_test_foreign',
};

/** A part of a delivery, and whether it is valid. */
type Part<T> = fc.Arbitrary<{ readonly value: T; readonly good: boolean }>;
const good = <T>(value: fc.Arbitrary<T>): Part<T> => value.map((one) => ({ value: one, good: true }));
const bad = <T>(value: fc.Arbitrary<T>): Part<T> => value.map((one) => ({ value: one, good: false }));

const padded = (bytes: number) => `{"p":"${'x'.repeat(bytes - 8)}"}`;
const objects = fc.oneof(
  fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 4 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '{}',
    '{"__proto__":{"id":"x"},"data":{"id":"../../x"}}',
    '{"data":{"id":"\uFFFE\uFFFF\u0000😀"}}'.replace('\u0000', '\\u0000'),
    `{"deep":${'['.repeat(90_000)}${']'.repeat(90_000)}}`,
    padded(200_000),
    `{"q":"${'\\"'.repeat(99_990)}"}`,
  ),
);
const texts = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => !text.trim().startsWith('{')),
  fc.constantFrom('', 'null', '[]', '[{}]', '"{}"', '{"a":', '{} {}', '\uFEFF{}', padded(200_001), padded(1_000_000)),
);
const byteBodies = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const bodies: Part<Buffer> = fc.oneof(
  { weight: 4, arbitrary: good(objects.map((text) => Buffer.from(text))) },
  { weight: 1, arbitrary: good(fc.constant(Buffer.from([0x7b, 0x22, 0xff, 0xc3, 0x22, 0x3a, 0x31, 0x7d]))) },
  { weight: 1, arbitrary: bad(texts.map((text) => Buffer.from(text))) },
  { weight: 1, arbitrary: bad(byteBodies.filter((bytes) => !bytes.includes(0x7b))) },
);
const timestamps: Part<string> = fc.oneof(
  { weight: 4, arbitrary: good(fc.integer({ min: seconds - 300, max: seconds + 300 }).map(String)) },
  { weight: 1, arbitrary: bad(fc.constantFrom(seconds - 301, seconds + 301, 0, 10 ** 11, -seconds).map(String)) },
  {
    weight: 1,
    arbitrary: bad(fc.constantFrom('', ' ', 'NaN', `${seconds}.0`, `${seconds},${seconds}`, `+${seconds}`, '1e9')),
  },
  { weight: 1, arbitrary: bad(fc.string().filter((text) => !/^\d+$/.test(text))) },
);

type Sign = (hex: string) => string;
const signings: Part<Sign> = fc.oneof(
  {
    weight: 4,
    arbitrary: good(
      fc.constantFrom<Sign>(
        (hex) => `v1=${hex}`,
        (hex) => `v1=${hex.toUpperCase()}`,
        (hex) => `v1=${'0'.repeat(64)}, v1=${hex}`,
        (hex) => `v0=x,v1=${hex},v1=`,
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: bad(
      fc.constantFrom<Sign>(
        () => '',
        (hex) => hex,
        (hex) => `V1=${hex}`,
        (hex) => `v2=${hex}`,
        (hex) => `v1=${hex.slice(1)}`,
        (hex) => `v1=${hex}0`,
        (hex) => `v1=${hex.replace(/^./, (first) => (first === '0' ? '1' : '0'))}`,
        (hex) => `v1=é${hex.slice(1)}`,
        (hex) => `${'v1=0,'.repeat(5)}v1=${hex}`,
        () => `v1=${'0'.repeat(100_000)}`,
      ),
    ),
  },
);
const keys: Part<string> = fc.constantFrom('current', 'previous', 'foreign', 'current').map((name) => ({
  value: z
    .enum(['current', 'previous', 'foreign'])
    .transform((key) => secrets[key])
    .parse(name),
  good: name !== 'foreign',
}));
const events: Part<string> = fc.oneof(
  { weight: 5, arbitrary: good(fc.constantFrom<string>(...webhookEvents)) },
  {
    weight: 1,
    arbitrary: bad(fc.constantFrom('', 'lead.exploded', 'LEAD.UPDATED', 'lead.updated,lead.updated', '__proto__')),
  },
);
const deliveryIds: Part<string> = fc.oneof(
  {
    weight: 5,
    arbitrary: good(fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }).filter((id) => id.length <= 200)),
  },
  { weight: 1, arbitrary: good(fc.constantFrom('../../x', 'a/b', '%2e%2e', 'd,d', '__proto__', 'x'.repeat(200))) },
  { weight: 1, arbitrary: bad(fc.constantFrom('', 'x'.repeat(201))) },
);
const spelling = fc.constantFrom<(name: string) => string>(
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => name.replaceAll(/(^|-)\w/g, (letter) => letter.toUpperCase()),
);
const more = fc.dictionary(
  fc.string().filter((name) => !name.toLowerCase().startsWith('x-prospectb2b')),
  fc.string({ unit: 'binary' }),
  { maxKeys: 3 },
);

/** Requests to the webhook endpoint, valid and invalid. */
export const deliveries = fc.record({
  body: bodies,
  timestamp: timestamps,
  sign: signings,
  key: keys,
  event: events,
  id: deliveryIds,
  spelling,
  more,
  base64: fc.boolean(),
  left: fc.subarray(['event', 'delivery', 'timestamp', 'signature', 'body'], { maxLength: 1 }),
  drop: fc.nat(9),
});
export type Delivery = typeof deliveries extends fc.Arbitrary<infer D> ? D : never;

/** The parts that a delivery lacks: at most one part, in one of ten deliveries. */
const missing = ({ left, drop }: Delivery) => (drop === 0 ? left : []);

/** The event that API Gateway passes on, in its payload format 2.0. */
export function gatewayEvent(one: Delivery): APIGatewayProxyEventV2 {
  const { body, timestamp, sign, key, event, id, base64 } = one;
  const isText = Buffer.from(body.value.toString('utf8')).equals(body.value);
  const isBase64Encoded = base64 || !isText;
  const hex = createHmac('sha256', key.value).update(`${timestamp.value}.`).update(body.value).digest('hex');
  const own = { event: event.value, delivery: id.value, timestamp: timestamp.value, signature: sign.value(hex) };
  const named = Object.entries(own).filter(([name]) => !missing(one).includes(name));
  return z.custom<APIGatewayProxyEventV2>().parse({
    version: '2.0',
    rawPath: '/webhook',
    headers: {
      ...one.more,
      ...Object.fromEntries(named.map(([name, value]) => [one.spelling(`x-prospectb2b-${name}`), value])),
    },
    ...(missing(one).includes('body') ? {} : { body: body.value.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  });
}

const isWhole = (one: Delivery) =>
  isVerified(one) && [one.body, one.event, one.id].every((part) => part.good) && missing(one).length === 0;

/** Whether the vendor's signature of the delivery is valid; its content may be anything. */
export function isVerified(one: Delivery): boolean {
  const left = missing(one);
  const bytes = one.body.value.byteLength;
  return (
    [one.timestamp, one.sign, one.key].every((part) => part.good) &&
    bytes <= maxWebhookBytes &&
    !left.includes('timestamp') &&
    !left.includes('signature') &&
    (bytes === 0 || !left.includes('body'))
  );
}

/** The queue message expected for a verified delivery. */
export function messageOf(one: Delivery): { event: string; deliveryId: unknown; body: string } {
  const left = missing(one);
  const [event, id] = [left.includes('event') ? '' : one.event.value, left.includes('delivery') ? '' : one.id.value];
  const text = one.body.value.toString('utf8');
  const isText = Buffer.from(text).equals(one.body.value);
  return {
    event,
    deliveryId: id === '' || id.length > 200 ? expect.stringMatching(/^unnamed-/) : id,
    body:
      isText && isJsonText(text.replace(/^\uFEFF/, ''))
        ? text.replace(/^\uFEFF/, '')
        : JSON.stringify({ _bytes: one.body.value.toString('base64') }),
  };
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A delivery whose parts are all valid. */
export function goodDelivery(seed: number): Delivery {
  const [one] = fc.sample(deliveries.filter(isWhole), { numRuns: 1, seed });
  if (!one) throw new Error('There is no delivery to try.');
  return one;
}
