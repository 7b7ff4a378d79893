import { beforeEach, describe, expect, it } from 'vitest';
import { ForbiddenError, RateLimitedError, UnauthorizedError, UnavailableError } from '../../../lambdas/core/errors.ts';
import { deleteEndpoint, ensureEndpoint, rotateSecret } from '../../../lambdas/core/webhooks/webhook-endpoint.ts';
import { patientWebhookApi } from '../../../lambdas/core/webhooks/patient-webhook-api.ts';
import { type Disturbance, FakeWebhookApi, MemorySecret } from '../../support/fake-webhook-api.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryLog } from '../../support/memory-log.ts';

const url = 'https://abc.execute-api.eu-central-1.amazonaws.com/webhooks/prospectb2b';
const wish = { url, events: ['lead.updated'] };
const elsewhere = { id: 'wh_other', url: 'https://example.com/', events: [], secretPrefix: null, isDisabled: false };

const errors: [string, Error][] = [
  ['429', new RateLimitedError('Over the limit.', { retryAfterSeconds: 3_600, now: new Date(0) })],
  ['503', new UnavailableError('It failed.')],
  ['401', new UnauthorizedError('The key is refused.')],
  ['403', new ForbiddenError('The key may not.')],
];
/** Each error, thrown before the vendor does anything, and an answer that is lost after the vendor has acted. */
const disturbances: [string, Disturbance][] = [
  ...errors.map(([name, error]): [string, Disturbance] => [name, { error, isCarriedOut: false }]),
  ['a lost answer', { error: new UnavailableError('No answer.'), isCarriedOut: true }],
];

const clock = new FixedClock('2026-11-24T03:00:00.000Z');
const kept = { isRevoked: false };
let api: FakeWebhookApi;
let secrets: MemorySecret;
const ports = () => ({
  api,
  cleanupApi: api,
  secrets,
  clock,
  previousSecretHours: 24,
  log: new MemoryLog(),
  newId: () => `id-${api.calls.length}`,
});
beforeEach(() => {
  api = new FakeWebhookApi();
  api.stored.set(elsewhere.id, elsewhere);
  secrets = new MemorySecret();
});

const ours = () => [...api.stored.values()].filter((one) => one.id !== elsewhere.id);
/** Expects exactly one endpoint of ours, with a known secret, and the endpoint of somebody else untouched. */
function expectOne() {
  expect(ours()).toEqual([expect.objectContaining({ url, events: wish.events, isDisabled: false })]);
  expect(secrets.value).toMatchObject({ endpointId: ours()[0]?.id, current: ours()[0]?.secretPrefix, retiring: null });
  expect(api.stored.has(elsewhere.id)).toBe(true);
}
const failing = (from: number, to: number, what: Disturbance) => {
  const begun = api.calls.length;
  api.disturb = (call) => (call >= begun + from && call < begun + to ? what : undefined);
};
const healthy = () => {
  api.disturb = () => undefined;
};

/** States of the vendor and the secret that a deployment can find. */
const states: [string, () => Promise<void>][] = [
  ['nothing', async () => {}],
  ['its own endpoint', async () => ensureEndpoint(wish, ports())],
  [
    'an endpoint at its address that nobody has the secret of',
    async () => void (await api.create({ url: `${url}/`, events: [] })),
  ],
  [
    'its own endpoint switched off by the vendor',
    async () => {
      await ensureEndpoint(wish, ports());
      for (const one of ours()) api.stored.set(one.id, { ...one, isDisabled: true });
    },
  ],
  [
    'its own endpoint at a former address',
    async () => ensureEndpoint({ ...wish, url: 'https://former.example.com/webhooks/prospectb2b' }, ports()),
  ],
  [
    'a rotation that broke off',
    async () => {
      await ensureEndpoint(wish, ports());
      const { error } = disturbances[1]?.[1] ?? {};
      failing(2, 3, { error: error ?? new Error('none'), isCarriedOut: false });
      await rotateSecret(wish, kept, ports()).catch(() => {});
      healthy();
    },
  ],
];

describe.each(states)('a deployment that finds %s', (_, prepare) => {
  it('leaves exactly one endpoint, even if it is repeated', async () => {
    await prepare();
    await ensureEndpoint(wish, ports());
    expectOne();
    await ensureEndpoint(wish, ports());
    expectOne();
  });

  it.each(disturbances)(
    'and gets %s at any single call ends with one endpoint, or fails and leaves none after the rollback',
    async (_, what) => {
      for (let call = 0; ; call += 1) {
        api.stored.clear();
        api.stored.set(elsewhere.id, elsewhere);
        secrets.value = undefined;
        await prepare();
        const begun = api.calls.length;
        failing(call, call + 1, what);
        const failed = await ensureEndpoint(wish, ports()).then(
          () => false,
          () => true,
        );
        const isReached = api.calls.length > begun + call;
        healthy();
        if (failed) {
          expect(await deleteEndpoint(url, ports())).toEqual([]);
          expect(ours().filter((one) => one.url.startsWith(url))).toEqual([]);
        }
        await ensureEndpoint(wish, ports());
        expectOne();
        if (!isReached) return;
      }
    },
  );

  it.each(disturbances)(
    'and gets %s from some call on says what may be left, and the next deployment repairs it',
    async (_, what) => {
      for (let call = 0; call < 4; call += 1) {
        await prepare();
        const before = ours().length;
        failing(call, Number.POSITIVE_INFINITY, what);
        const message = await ensureEndpoint(wish, ports()).then(() => '', String);
        if (ours().length > before) expect(message).toMatch(/may be left at the vendor/);
        healthy();
        await ensureEndpoint(wish, ports());
        expectOne();
      }
    },
  );
});

describe('a registration whose secret cannot be stored', () => {
  it.each([false, true])(
    'leaves no endpoint, or one whose secret is known (the write was carried out: %s)',
    async (isCarriedOut) => {
      secrets.disturb = { error: new UnavailableError('No answer of Secrets Manager.'), isCarriedOut };
      const failed = await ensureEndpoint(wish, ports()).then(
        () => false,
        () => true,
      );
      expect([failed, ours().length]).toEqual(isCarriedOut ? [false, 1] : [true, 0]);
    },
  );
});

describe('a deletion', () => {
  it('deletes all our endpoints and no others', async () => {
    await ensureEndpoint(wish, ports());
    await api.create({ url, events: [] });
    expect(await deleteEndpoint(url, ports())).toEqual([]);
    expect([...api.stored.keys()]).toEqual([elsewhere.id]);
    expect(secrets.value).toMatchObject({ endpointId: null, retiring: null });
  });

  it.each(disturbances)(
    'that gets %s at each call never fails, says what is left, and the next deployment deletes that',
    async (_, what) => {
      await ensureEndpoint(wish, ports());
      failing(0, Number.POSITIVE_INFINITY, what);
      const left = await deleteEndpoint(url, ports());
      expect(left.join(' ')).toMatch(/could not be listed\. .*delete it in ProspectB2B/);
      expect(left.join(' ')).toContain(`The webhook endpoint ${secrets.value?.endpointId} is left at the vendor`);
      healthy();
      await ensureEndpoint(wish, ports());
      expectOne();
    },
  );

  it('without a readable secret still deletes the endpoints with its URL', async () => {
    await ensureEndpoint(wish, ports());
    secrets.read = async () => {
      throw new Error('denied');
    };
    expect(await deleteEndpoint(url, ports())).toHaveLength(1);
    expect(ours()).toEqual([]);
  });
});

describe('a rotation', () => {
  it('keeps the old secret for a day, or not at all if it may have leaked', async () => {
    await ensureEndpoint(wish, ports());
    const leaked = secrets.value?.current;
    await rotateSecret(wish, kept, ports());
    expect(secrets.value?.previous).toEqual({ secret: leaked, until: '2026-11-25T03:00:00.000Z' });
    await rotateSecret(wish, { isRevoked: true }, ports());
    expect(secrets.value?.previous).toBeNull();
    expect(secrets.value?.current).not.toBe(leaked);
  });

  it('that broke off is completed by the next one: the secret before it stays valid for its day', async () => {
    await ensureEndpoint(wish, ports());
    const first = secrets.value?.current;
    const isBroken = () => api.calls.filter((call) => call === 'create').length === 2;
    api.disturb = () => (isBroken() ? disturbances[0]?.[1] : undefined);
    await rotateSecret(wish, kept, ports()).catch(() => {});
    const second = secrets.value?.current;
    api.disturb = () => undefined;
    await rotateSecret(wish, kept, ports());
    expect(secrets.value).toMatchObject({ current: second, previous: { secret: first }, retiring: null });
    expect(ours()).toHaveLength(1);
  });

  it('that broke off and is repeated because the secret leaked revokes it', async () => {
    await ensureEndpoint(wish, ports());
    const leaked = secrets.value?.current;
    const isBroken = () => api.calls.filter((call) => call === 'create').length === 2;
    api.disturb = () => (isBroken() ? disturbances[0]?.[1] : undefined);
    await rotateSecret(wish, kept, ports()).catch(() => {});
    expect(secrets.value?.previous?.secret).toBe(leaked);
    api.disturb = () => undefined;
    await rotateSecret(wish, { isRevoked: true }, ports());
    expect(secrets.value).toMatchObject({ previous: null, retiring: null });
    expect(ours()).toHaveLength(1);
  });
});

describe('a rate limit', () => {
  it.each([
    ['is waited out', 300_000, 1],
    ['is not, if the invocation would end before', 60_000, 0],
  ])('%s', async (_, remaining, made) => {
    let now = 0;
    const waits: number[] = [];
    const limited: Disturbance = {
      error: new RateLimitedError('Over the limit.', { retryAfterSeconds: 40, now: new Date(0) }),
      isCarriedOut: false,
    };
    api.disturb = (call) => (call < 2 ? limited : undefined);
    const patient = patientWebhookApi(api, {
      deadline: { remainingMilliseconds: () => remaining - now },
      sleep: async (milliseconds) => {
        now += milliseconds;
        waits.push(milliseconds);
      },
    });
    await ensureEndpoint(wish, { ...ports(), api: patient }).catch(() => {});
    expect([ours().length, waits.length]).toEqual([made, made * 2]);
  });
});
