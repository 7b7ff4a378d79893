import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { WebhookSecret } from '../../../lambdas/contract/webhook.ts';
import { takeDelivery } from '../../../lambdas/core/webhooks/take-delivery.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryQueue } from '../../support/memory-queue.ts';

const rotated: WebhookSecret = {
  endpointId: 'wh_2',
  current: 'whsec_test_new',
  previous: { secret: 'whsec_test_old', until: '2026-11-25T03:00:00.000Z' },
};

/** Whether a delivery is accepted that is signed with this secret and arrives at once. */
async function isTaken(secret: string, at: string, stored = rotated): Promise<boolean> {
  const timestamp = String(Date.parse(at) / 1_000);
  const body = '{"data":{"id":"lead_1"}}';
  const hex = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  const headers = {
    'x-prospectb2b-event': 'lead.updated',
    'x-prospectb2b-delivery': 'del_1',
    'x-prospectb2b-timestamp': timestamp,
    'x-prospectb2b-signature': `v1=${hex}`,
  };
  const eventQueue = new MemoryQueue();
  const ports = { secrets: { read: async () => stored }, eventQueue, clock: new FixedClock(at) };
  const { accepted } = await takeDelivery({ headers, body, isBase64Encoded: false }, ports);
  expect(eventQueue.take() !== undefined).toBe(accepted);
  return accepted;
}

describe('a previous secret', () => {
  it('is accepted for a day, for deliveries that were signed before the rotation', async () => {
    expect(await isTaken('whsec_test_old', '2026-11-25T02:59:59.000Z')).toBe(true);
  });

  it('is refused after that, so that a leaked secret does not open the endpoint for ever', async () => {
    expect(await isTaken('whsec_test_old', '2026-11-25T03:00:00.000Z')).toBe(false);
    expect(await isTaken('whsec_test_old', '2027-11-25T03:00:00.000Z')).toBe(false);
    expect(await isTaken('whsec_test_new', '2027-11-25T03:00:00.000Z')).toBe(true);
  });

  it('is refused at once if it was revoked', async () => {
    expect(await isTaken('whsec_test_old', '2026-11-24T03:00:00.000Z', { ...rotated, previous: null })).toBe(false);
  });
});
