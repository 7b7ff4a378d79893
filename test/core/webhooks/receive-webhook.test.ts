import { describe, expect, it } from 'vitest';
import { webhookMessage } from '../../../lambdas/contract/webhook.ts';
import { receiveWebhook, type WebhookRequest } from '../../../lambdas/core/webhooks/receive-webhook.ts';

/**
 * Signatures that openssl computed, not our code:
 * printf '%s' "1710000000.$BODY" | openssl dgst -sha256 -hmac "$SECRET" -hex
 */
const secret = 'whsec_test_4f1c';
const previous = 'whsec_previous_9a';
const plain = '{"id":"evt_1","data":{"id":"lead_1"}}';
const vectors = {
  plain: 'a7e2cabe053695d326c237341dff2ee341654170f2e3dd909afbd5ea1a087852',
  plainByPrevious: '3db0e4caa0731ab32e22180a631863d28ff7a67c407f66e5d401373c2578aaf0',
  unicode: '8ba4eab614ff3fe0889377e0155e5ad2f5710f91f335a16da1502702d09870a9',
  empty: '63120e668a440c05e145e62cd09489d0f6ecb36793096cf28cb05593278d71bc',
};
const unicode = '{"data":{"id":"lead_2","full_name":"Zoë 😀 Ångström — 李"}}';
const base64OfPlain = 'eyJpZCI6ImV2dF8xIiwiZGF0YSI6eyJpZCI6ImxlYWRfMSJ9fQ==';
const signedAt = new Date(1_710_000_000_000);

function request(options: {
  body?: string | undefined;
  signature?: string;
  isBase64Encoded?: boolean;
  headers?: Record<string, string | undefined>;
}): WebhookRequest {
  return {
    body: 'body' in options ? options.body : plain,
    isBase64Encoded: options.isBase64Encoded ?? false,
    headers: {
      'x-prospectb2b-event': 'lead.updated',
      'x-prospectb2b-delivery': 'del_1',
      'x-prospectb2b-timestamp': '1710000000',
      'x-prospectb2b-signature': `v1=${options.signature ?? vectors.plain}`,
      ...options.headers,
    },
  };
}

const receive = (options: Parameters<typeof request>[0], now = signedAt, secrets = [secret]) =>
  receiveWebhook(request(options), secrets, now);

describe('a delivery is accepted', () => {
  it.each([
    ['that is signed with the secret', {}],
    ['whose body has characters beyond ASCII', { body: unicode, signature: vectors.unicode }],
    ['that API Gateway has encoded as base64', { body: base64OfPlain, isBase64Encoded: true }],
    ['whose signature is in upper-case hex', { signature: vectors.plain.toUpperCase() }],
  ])('%s', (_, options) => {
    expect(receive(options)).toMatchObject({
      accepted: true,
      message: { deliveryId: 'del_1', event: 'lead.updated', signedAt: '2024-03-09T16:00:00.000Z' },
    });
  });

  it('whose header names are in upper case', () => {
    const { headers, ...rest } = request({});
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));
    expect(receiveWebhook({ ...rest, headers: upper }, [secret], signedAt).accepted).toBe(true);
  });

  it('that is signed with the previous secret during rotation, but not after', () => {
    expect(receive({ signature: vectors.plainByPrevious }, signedAt, [secret, previous]).accepted).toBe(true);
    expect(receive({ signature: vectors.plainByPrevious }, signedAt, [secret])).toMatchObject({
      accepted: false,
      status: 401,
    });
  });

  it('up to five minutes after it was signed, by a clock ahead or behind', () => {
    for (const seconds of [300, -300])
      expect(receive({}, new Date(signedAt.getTime() + seconds * 1_000)).accepted).toBe(true);
    for (const seconds of [301, -301])
      expect(receive({}, new Date(signedAt.getTime() + seconds * 1_000))).toMatchObject({ status: 401 });
  });
});

describe('a verified delivery is accepted, whatever it contains', () => {
  it.each([
    ['an unknown event', { headers: { 'x-prospectb2b-event': 'lead.exploded' } }, { event: 'lead.exploded' }],
    ['a ping', { headers: { 'x-prospectb2b-event': 'ping' } }, { event: 'ping' }],
    ['no event', { headers: { 'x-prospectb2b-event': undefined } }, { event: '' }],
    ['a name without end', { headers: { 'x-prospectb2b-event': 'x'.repeat(9_000) } }, { event: 'x'.repeat(200) }],
    ['an empty body', { body: undefined, signature: vectors.empty }, { body: '{"_bytes":""}' }],
  ])('with %s', (_, options, message) => {
    const reception = receive(options);
    expect(reception).toMatchObject({ accepted: true, message });
    expect(webhookMessage.safeParse(reception.accepted && reception.message).success).toBe(true);
  });

  it.each([undefined, '', 'x'.repeat(201)])(
    'with the delivery id %j: it gets a generated id, the same each time',
    (id) => {
      const ids = [1, 2].map(() => {
        const reception = receive({ headers: { 'x-prospectb2b-delivery': id } });
        return reception.accepted ? reception.message.deliveryId : undefined;
      });
      expect(ids[0]).toMatch(/^unnamed-[\w-]{22}$/);
      expect(ids[1]).toBe(ids[0]);
    },
  );
});

describe('a delivery is refused', () => {
  it.each([
    ['signed with another secret', { signature: vectors.plainByPrevious }, 401],
    ['whose body was changed', { body: plain.replace('lead_1', 'lead_9') }, 401],
    ['whose timestamp was changed', { headers: { 'x-prospectb2b-timestamp': '1710000001' } }, 401],
    ['without a signature', { headers: { 'x-prospectb2b-signature': undefined } }, 401],
    ['without a timestamp', { headers: { 'x-prospectb2b-timestamp': undefined } }, 401],
    ['whose timestamp is no number', { headers: { 'x-prospectb2b-timestamp': '1710000000.5' } }, 401],
    ['whose signature has no version', { headers: { 'x-prospectb2b-signature': vectors.plain } }, 401],
    ['whose signature is cut', { signature: vectors.plain.slice(0, 40) }, 401],
    ['whose body is too large', { body: 'x'.repeat(200_001) }, 413],
  ])('%s', (_, options, status) => {
    expect(receive(options)).toMatchObject({ accepted: false, status });
  });

  it('with a reason that reveals nothing of the request', () => {
    const refused = receive({ body: '{"data":{"email":"ada@example.com"}}' });
    expect(JSON.stringify(refused)).not.toContain('ada@example.com');
  });
});
