/** The vendor's webhook endpoint through a deployment's life, and the nightly check of its deliveries. */

import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { webhookEvents, webhookSecret } from '../../../lambdas/contract/webhook.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { CustomResourceCaller } from '../../support/custom-resource.ts';
import { EventWorld } from '../../support/event-world.ts';

// Functions start as processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let simulator: Simulator;
let world: EventWorld;
let cloudFormation: CustomResourceCaller;

beforeAll(async () => {
  cloudFormation = await CustomResourceCaller.start();
  simulator = await startSimulator({ leads: 5 });
  world = await EventWorld.start(simulator, { streams: ['leads'], timeScale: 20, webhookSecret: null });
}, 120_000);
afterAll(async () => {
  await world.end();
  await simulator.stop();
  cloudFormation.stop();
});
beforeEach(() => simulator.configure({ secretField: 'signing_secret' }));

const ours = () =>
  [...simulator.expectedRows('webhook_endpoints')].filter(({ url }) => String(url).includes('/webhooks/prospectb2b'));
const stored = async () => {
  const SecretId = world.cloud.secretArn('webhook');
  const { SecretString } = await world.cloud.clients().secrets.send(new GetSecretValueCommand({ SecretId }));
  return webhookSecret.parse(JSON.parse(SecretString ?? ''));
};
const wish = (events: readonly string[] = webhookEvents) => ({ url: world.webhookUrl, events });

/** Waits until deliveries with this secret are accepted: a receiver reads an unknown secret at most once in 5 s. */
const untilTaken = (secret: string) =>
  expect.poll(async () => (await world.deliver('{"data":{"id":"a-lead"}}', { secret })).status).toBe(202);

/** Sends a request of CloudFormation. @returns the answer */
const ask = (type: 'Create' | 'Update' | 'Delete', properties: object, requestId?: string) =>
  cloudFormation.ask((event) => world.cloud.invoke('register', event), type, properties, requestId);

describe('the registration of the webhook endpoint', () => {
  it('fails without a secret, and leaves no endpoint and no secret', async () => {
    simulator.configure({ secretField: 'none' });
    expect(await ask('Create', wish())).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('without giving its signing secret'),
      PhysicalResourceId: 'prospectb2b-webhook-endpoint',
    });
    expect(ours()).toEqual([]);
    await expect(stored()).rejects.toThrow(/.+/);
  });

  it('then has nothing to delete in CloudFormation’s rollback', async () => {
    expect(await ask('Delete', wish())).toMatchObject({ Status: 'SUCCESS' });
  });

  it('fails for an unknown event before anything is created', async () => {
    expect(await ask('Create', wish(['lead.exploded']))).toMatchObject({ Status: 'FAILED' });
    expect(ours()).toEqual([]);
  });

  it('creates one endpoint even if asked twice, and stores its secret only in Secrets Manager', async () => {
    const answer = await ask('Create', wish(), 'request-twice');
    expect(answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'prospectb2b-webhook-endpoint' });
    await ask('Create', wish(), 'request-twice');
    expect(ours()).toHaveLength(1);
    expect(ours()[0]).toMatchObject({ url: world.webhookUrl, events: [...webhookEvents] });
    const { endpointId, current, previous } = await stored();
    expect([endpointId, previous]).toEqual([ours()[0]?.['id'], null]);
    expect(JSON.stringify(cloudFormation.answers)).not.toContain(current);
    expect(JSON.stringify(world.lines)).not.toContain(current);
    expect(await simulator.emit('lead.updated', 'a-lead')).toEqual([
      expect.objectContaining({ status: 'delivered', response_status_code: 202 }),
    ]);
  });

  it('updates the endpoint if the configuration changed', async () => {
    const [before, secret] = [ours()[0]?.['id'], await stored()];
    expect(await ask('Update', wish(['lead.updated']))).toMatchObject({ Status: 'SUCCESS' });
    expect(ours().map(({ id, events }) => [id, events])).toEqual([[before, ['lead.updated']]]);
    expect(await stored()).toEqual(secret);
  });

  it('recreates an endpoint that was deleted at the vendor', async () => {
    const old = await stored();
    simulator.remove('webhook_endpoints', old.endpointId ?? '');
    expect(await ask('Update', wish())).toMatchObject({ Status: 'SUCCESS' });
    expect(ours().map(({ id }) => id)).toEqual([(await stored()).endpointId]);
    expect((await stored()).current).not.toBe(old.current);
  });

  it('rotates the secret: deliveries signed with the old or the new one are accepted', async () => {
    const old = await stored();
    expect(await world.cloud.invoke('register', { action: 'rotate', ...wish() })).toEqual({ rotated: true });
    const rotated = await stored();
    expect(rotated).toMatchObject({ endpointId: ours()[0]?.['id'], previous: { secret: old.current } });
    expect(ours()).toHaveLength(1);
    await untilTaken(rotated.current);
    expect((await world.deliver('{"data":{"id":"a-lead"}}', { secret: old.current })).status).toBe(202);
    expect((await world.deliver('{"data":{"id":"a-lead"}}', { secret: 'whsec_another' })).status).toBe(401);
    expect(JSON.stringify(world.lines)).not.toMatch(new RegExp(`${rotated.current}|${old.current}`));
  });

  it('accepts the secret under its other name', async () => {
    simulator.configure({ secretField: 'secret' });
    const before = await stored();
    await world.cloud.invoke('register', { action: 'rotate', ...wish() });
    expect((await stored()).previous).toMatchObject({ secret: before.current });
    await untilTaken((await stored()).current);
    expect(await simulator.emit('lead.updated', 'a-lead')).toEqual([expect.objectContaining({ status: 'delivered' })]);
  });

  it('the reconciliation requests failed deliveries again, and counts those that never came', async () => {
    await world.cloud.idle();
    const { endpointId } = await stored();
    // The receiver is unreachable for a while.
    simulator.update('webhook_endpoints', endpointId ?? '', { url: 'http://127.0.0.1:9/nowhere' });
    const [failed] = await simulator.emit('lead.updated', 'a-lead');
    expect(failed).toMatchObject({ status: 'failed' });
    simulator.update('webhook_endpoints', endpointId ?? '', { url: world.webhookUrl });
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
    simulator.update('webhook_deliveries', String(failed?.['id']), { created_at: hourAgo, next_attempt_at: null });

    const first = await world.cloud.invoke('reconcile', {});
    expect(first).toMatchObject({ retried: 1, neverReceived: 1 });
    await world.cloud.idle();
    const deliveryId = String(failed?.['id']);
    const events = await world.query(`SELECT resource_id FROM webhook_events WHERE delivery_id = '${deliveryId}'`);
    expect(events).toEqual([{ resource_id: 'a-lead' }]);
    expect(await world.cloud.invoke('reconcile', {})).toMatchObject({ retried: 0, neverReceived: 0 });
  });

  it('deletes the endpoint with the stack; a missing one is not an error', async () => {
    expect(await ask('Delete', wish())).toMatchObject({ Status: 'SUCCESS' });
    expect(ours()).toEqual([]);
    expect(await ask('Delete', wish())).toMatchObject({ Status: 'SUCCESS' });
    expect(await world.cloud.invoke('reconcile', {})).toBeNull();
  });
});
