import { beforeEach, describe, expect, it } from 'vitest';
import { ForbiddenError, RequestRefusedError, UnavailableError } from '../../../lambdas/core/errors.ts';
import type { Delivery, WebhookApi } from '../../../lambdas/core/ports.ts';
import { reconcileDeliveries } from '../../../lambdas/core/webhooks/reconcile-deliveries.ts';
import { FakeWebhookApi } from '../../support/fake-webhook-api.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryLog, MemoryMetrics } from '../../support/memory-log.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const day = 86_400_000;
let clock: FixedClock;
let store: MemoryStore;
let listed: Delivery[];
let asked: string[];
let retry: (id: string) => void;
beforeEach(() => {
  clock = new FixedClock('2026-11-24T03:00:00.000Z');
  store = new MemoryStore();
  [listed, asked] = [[], []];
  retry = () => {};
});

const failed = (id: string, more: Partial<Delivery> = {}): Delivery => ({
  id,
  createdAt: undefined,
  failed: true,
  isRefused: false,
  willRetry: false,
  ...more,
});

const announcer = { announce: async () => {} };

async function night() {
  clock.advance(day);
  const api: WebhookApi = Object.assign(new FakeWebhookApi(), {
    async *deliveries() {
      yield* listed;
    },
    async retry(_: string, id: string) {
      asked.push(id);
      retry(id);
    },
  });
  return reconcileDeliveries('wh_1', {
    store,
    api,
    clock,
    log: new MemoryLog(),
    metrics: new MemoryMetrics(),
    announcer,
  });
}

describe('a delivery that failed', () => {
  it('is requested for a few nights while our endpoint is down, then no more', async () => {
    listed = [failed('d1')];
    for (let nights = 0; nights < 10; nights += 1) await night();
    expect(asked).toEqual(['d1', 'd1', 'd1']);
  });

  it('is requested once if our endpoint refuses it', async () => {
    listed = [failed('d1', { isRefused: true })];
    for (let nights = 0; nights < 10; nights += 1) await night();
    expect(asked).toEqual(['d1']);
  });

  it('is requested once if the vendor does not send it again', async () => {
    listed = [failed('d1'), failed('d2')];
    retry = (id) => {
      if (id === 'd1') throw new RequestRefusedError('It is too old.');
    };
    for (let nights = 0; nights < 2; nights += 1) await night();
    expect(asked).toEqual(['d1', 'd2', 'd2']);
  });

  it('is remembered only while the vendor lists it', async () => {
    listed = [failed('d1'), failed('d2')];
    await night();
    listed = [failed('d2', { createdAt: new Date(clock.now().getTime() - 9 * day) })];
    await night();
    expect(store.json('state/asked-deliveries.json')).toEqual({});
  });

  it('is remembered if the listing breaks off', async () => {
    listed = [failed('d1', { isRefused: true }), failed('d2')];
    await night();
    retry = () => {
      throw new UnavailableError('It failed.');
    };
    listed = [failed('d2'), failed('d1', { isRefused: true })];
    await expect(night()).rejects.toThrow('It failed.');
    retry = () => {};
    await night();
    expect(asked).toEqual(['d1', 'd2', 'd2', 'd2']);
  });

  it('ends the night if the key may not request it', async () => {
    listed = [failed('d1')];
    retry = () => {
      throw new ForbiddenError('The key may not.');
    };
    expect(await night()).toEqual({ deliveries: 1, retried: 0, neverReceived: 0 });
  });
});
