import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { webhookEvents } from '../../../lambdas/contract/webhook.ts';
import { functionName } from '../../../lib/config/names.ts';
import { type FaultProxy, startFaultProxy } from '../../../local/faults/fault-proxy.ts';
import type { Fault } from '../../../local/faults/faults.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { assemblyWithTimeout } from '../../support/changed-assembly.ts';
import { CustomResourceCaller } from '../../support/custom-resource.ts';
import { EventWorld } from '../../support/event-world.ts';

/**
 * What CloudFormation is told if the vendor takes a connection and never answers, and what is left at the vendor. The
 * function has less time than when it is deployed, so each request is given up after four seconds instead of thirty.
 */

vi.setConfig({ testTimeout: 120_000 });

let simulator: Simulator;
let proxy: FaultProxy;
let world: EventWorld;
let cloudFormation: CustomResourceCaller;
let assembly: Awaited<ReturnType<typeof assemblyWithTimeout>>;

beforeAll(async () => {
  cloudFormation = await CustomResourceCaller.start();
  simulator = await startSimulator({ leads: 5 });
  proxy = await startFaultProxy(simulator.baseUrl);
  assembly = await assemblyWithTimeout(functionName('main', 'register'), 74);
  world = await EventWorld.start(simulator, {
    streams: ['leads'],
    apiUrl: proxy.baseUrl,
    webhookSecret: null,
    assembly: assembly.path,
  });
}, 120_000);
afterAll(async () => {
  await world.end();
  await assembly.remove();
  await proxy.stop();
  await simulator.stop();
  cloudFormation.stop();
});
afterEach(() => proxy.plant([]));

const ask = (type: 'Create' | 'Delete') =>
  cloudFormation.ask((event) => world.cloud.invoke('register', event), type, {
    url: world.webhookUrl,
    events: webhookEvents,
  });
const ours = () => [...simulator.expectedRows('webhook_endpoints')].filter(({ url }) => url === world.webhookUrl);

const hang: Fault = { kind: 'hang' };
/** The vendor does what it is asked, and its answer stops in the middle. */
const stall: Fault = { kind: 'slow', pieces: 2, waitMilliseconds: 10_000 };

describe('with a vendor that hangs', () => {
  it('the deployment fails in time, says so, and leaves no endpoint', async () => {
    proxy.plant([{ path: /./, fault: hang }]);
    expect(await ask('Create')).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/did not answer in time/),
    });
    expect(await ask('Delete')).toMatchObject({ Status: 'SUCCESS' });
    expect(ours()).toEqual([]);
  });

  it('the deletion succeeds in time, and says what remains; the next deployment takes it over', async () => {
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
    proxy.plant([{ path: /./, fault: hang }]);
    expect(await ask('Delete')).toMatchObject({
      Status: 'SUCCESS',
      Reason: expect.stringMatching(/is left at the vendor: delete it in ProspectB2B.*did not answer in time/),
    });
    expect(ours()).toHaveLength(1);
    proxy.plant([]);
    expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS' });
    expect(ours()).toHaveLength(1);
    expect(await ask('Delete')).toMatchObject({ Status: 'SUCCESS', Reason: '' });
    expect(ours()).toEqual([]);
  });

  it.each([
    ['hangs', hang],
    ['does as asked, but whose answer stalls', stall],
  ])('at a single call, or %s, the deployment leaves one endpoint or none', async (_, fault) => {
    for (let call = 0; ; call += 1) {
      const before = proxy.requests.length;
      proxy.plant([{ path: /./, fault, after: call, times: 1 }]);
      const { Status } = (await ask('Create')) ?? {};
      expect([call, ours().length]).toEqual([call, Status === 'SUCCESS' ? 1 : 0]);
      const isOver = proxy.requests.slice(before).every((request) => request.fault === undefined);
      proxy.plant([]);
      expect(await ask('Delete')).toMatchObject({ Status: 'SUCCESS', Reason: '' });
      expect(ours()).toEqual([]);
      if (isOver) return;
    }
  });
});
