/** What CloudFormation hears if the webhook endpoint cannot be registered or deleted, and what the vendor still has. */

import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { webhookEvents } from '../../../lambdas/contract/webhook.ts';
import { type FaultProxy, startFaultProxy } from '../../../local/faults/fault-proxy.ts';
import { errorAnswer, type Fault, type FaultRule, tooManyRequests } from '../../../local/faults/faults.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { CustomResourceCaller } from '../../support/custom-resource.ts';
import { EventWorld } from '../../support/event-world.ts';

// Functions start as processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let simulator: Simulator;
let proxy: FaultProxy;
let world: EventWorld;
let cloudFormation: CustomResourceCaller;
let apiKey: string;
const processes = new Set<string>();

beforeAll(async () => {
  cloudFormation = await CustomResourceCaller.start();
  simulator = await startSimulator({ leads: 5 });
  ({ apiKey } = simulator);
  proxy = await startFaultProxy(simulator.baseUrl);
  world = await EventWorld.start(simulator, {
    streams: ['leads'],
    webhookSecret: null,
    environment: {
      API_BASE_URL: ({ processId }) => {
        processes.add(processId);
        return proxy.baseUrl;
      },
    },
  });
}, 120_000);
afterAll(async () => {
  await world.end();
  await proxy.stop();
  await simulator.stop();
  cloudFormation.stop();
});
afterEach(async () => {
  simulator.configure({ readOnly: false, apiKey });
  proxy.plant([]);
  await putKey(apiKey);
  restart();
});

/** Ends the processes, so that the next invocation remembers no rate limit of the API. */
function restart(): void {
  for (const id of processes) world.cloud.kill(id);
  processes.clear();
}

async function putKey(SecretString: string): Promise<void> {
  const SecretId = world.cloud.secretArn('api-key');
  await world.cloud.clients().secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
}

const ask = (type: 'Create' | 'Delete') =>
  cloudFormation.ask((event) => world.cloud.invoke('register', event), type, {
    url: world.webhookUrl,
    events: webhookEvents,
  });
const ours = () => [...simulator.expectedRows('webhook_endpoints')].filter(({ url }) => url === world.webhookUrl);

/** Makes the API accept only another key. The function may cache the former key until the API refuses it. */
const revoke = () => simulator.configure({ apiKey: 'pb2b_live_another' });
const down: FaultRule[] = [{ path: /./, fault: { kind: 'reset' } }];
const cases: [string, () => Promise<void> | void, RegExp][] = [
  [
    'no key',
    async () => {
      revoke();
      await putKey(' ');
    },
    /holds no API key\. Put one there: aws secretsmanager put-secret-value/,
  ],
  ['a key that is refused', revoke, /The API key is missing, malformed, revoked or expired/],
  [
    'a key of a member who may only read',
    () => simulator.configure({ readOnly: true }),
    /Give the key the scope webhooks\.write, .*set webhooks: \{ enabled: false \}/,
  ],
  ['a vendor that is down', () => proxy.plant(down), /The connection broke off before the API answered/],
  [
    'a vendor that answers 503',
    () => proxy.plant([{ path: /./, fault: errorAnswer(503, 'unavailable') }]),
    /the API answered 503\. It failed\..*look at the vendor’s status page/,
  ],
  [
    'a vendor that answers 429 for an hour',
    () => proxy.plant([{ path: /./, fault: tooManyRequests('3600') }]),
    /the API answered 429\. The API key is over its limit a minute/,
  ],
];

describe.each(cases)('with %s', (_, spoil, says) => {
  it('the deployment fails, says in one sentence what to do, and leaves no endpoint', async () => {
    await spoil();
    expect(await ask('Create')).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(says) });
    expect(ours()).toEqual([]);
    // CloudFormation rolls the failed creation back.
    expect(await ask('Delete')).toMatchObject({ Status: 'SUCCESS' });
  });

  it('the deletion succeeds, and says what remains at the vendor', async () => {
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
    await spoil();
    expect(await ask('Delete')).toMatchObject({
      Status: 'SUCCESS',
      Reason: expect.stringMatching(/is left at the vendor: delete it in ProspectB2B/),
    });
    expect(ours()).toHaveLength(1);
  });

  it('the next deployment takes over what the deletion left, and there is one endpoint', async () => {
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect(ours()).toHaveLength(1);
    expect(await ask('Delete')).toMatchObject({ Status: 'SUCCESS', Reason: '' });
    expect(ours()).toEqual([]);
  });
});

describe.each([
  ['429 for a second', tooManyRequests('1')],
  ['503', errorAnswer(503, 'unavailable')],
  ['a reset', { kind: 'reset' }],
  ['an answer that is cut off', { kind: 'cut-off' }],
] satisfies [string, Fault][])('with %s', (_, fault) => {
  it.each(['Create', 'Delete'] as const)('at any single call of a %s, there is one endpoint or none', async (type) => {
    for (let call = 0; ; call += 1) {
      if (type === 'Delete') expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
      const before = proxy.requests.length;
      proxy.plant([{ path: /./, fault, after: call, times: 1 }]);
      expect(await ask(type)).toMatchObject({ Status: 'SUCCESS', Reason: '' });
      expect(ours()).toHaveLength(type === 'Create' ? 1 : 0);
      const isOver = proxy.requests.slice(before).every((request) => request.fault === undefined);
      proxy.plant([]);
      expect(await ask('Delete')).toMatchObject({ Status: 'SUCCESS', Reason: '' });
      if (isOver) return;
    }
  });
});

it.each([
  ['429 for an hour', tooManyRequests('3600'), /is over its limit|has asked to wait/],
  ['503', errorAnswer(503, 'unavailable'), /the API answered 503/],
] satisfies [string, Fault, RegExp][])(
  'with %s from any call of the registration on, the deployment fails and no endpoint is left',
  async (_, fault, says) => {
    for (const call of [0, 1]) {
      proxy.plant([{ path: /./, fault, after: call }]);
      expect(await ask('Create')).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(says) });
      restart();
      proxy.plant([]);
      expect(await ask('Delete')).toMatchObject({ Status: 'SUCCESS' });
      expect(ours()).toEqual([]);
    }
  },
);
