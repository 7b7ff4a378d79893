import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { webhookEvents, webhookSecret } from '../../lambdas/contract/webhook.ts';
import { type Simulator, startSimulator } from '../../local/simulator/simulator.ts';
import { CustomResourceCaller } from '../support/custom-resource.ts';
import { EventWorld } from '../support/event-world.ts';

/** The vendor's webhook endpoint through a deployment's life, and the nightly look at its deliveries. */

// Functions start as processes, which takes long where the machine has other work.
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

/** Until deliveries with this secret are taken: a receiver that does not know one asks for it once in five seconds. */
const untilTaken = (secret: string) =>
  expect.poll(async () => (await world.deliver('{"data":{"id":"a-lead"}}', { secret })).status).toBe(202);

/** A request of CloudFormation, and how it was answered. */
const ask = (type: 'Create' | 'Update' | 'Delete', properties: object, requestId?: string) =>
  cloudFormation.ask((event) => world.cloud.invoke('register', event), type, properties, requestId);

describe('the registration of the webhook endpoint', () => {
  it('that gets no secret fails, and leaves no endpoint and no secret', async () => {
    simulator.configure({ secretField: 'none' });
    expect(await ask('Create', wish())).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('without telling its signing secret'),
      PhysicalResourceId: 'prospectb2b-webhook-endpoint',
    });
    expect(ours()).toEqual([]);
    await expect(stored()).rejects.toThrow(/.+/);
  });

  it('that CloudFormation then rolls back has nothing to delete', async () => {
    expect(await ask('Delete', wish())).toMatchObject({ Status: 'SUCCESS' });
  });

  it('that asks for an event that nobody knows fails before anything is created', async () => {
    expect(await ask('Create', wish(['lead.exploded']))).toMatchObject({ Status: 'FAILED' });
    expect(ours()).toEqual([]);
  });

  it('creates one endpoint, though the request comes twice, and keeps its secret in Secrets Manager alone', async () => {
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

  it('changes the endpoint where the configuration changed', async () => {
    const [before, secret] = [ours()[0]?.['id'], await stored()];
    expect(await ask('Update', wish(['lead.updated']))).toMatchObject({ Status: 'SUCCESS' });
    expect(ours().map(({ id, events }) => [id, events])).toEqual([[before, ['lead.updated']]]);
    expect(await stored()).toEqual(secret);
  });

  it('creates an endpoint anew that was deleted at the vendor', async () => {
    const old = await stored();
    simulator.remove('webhook_endpoints', old.endpointId ?? '');
    expect(await ask('Update', wish())).toMatchObject({ Status: 'SUCCESS' });
    expect(ours().map(({ id }) => id)).toEqual([(await stored()).endpointId]);
    expect((await stored()).current).not.toBe(old.current);
  });

  it('rotates the secret: deliveries signed with the old one are taken beside those with the new', async () => {
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

  it('takes the secret under its other name', async () => {
    simulator.configure({ secretField: 'secret' });
    const before = await stored();
    await world.cloud.invoke('register', { action: 'rotate', ...wish() });
    expect((await stored()).previous).toMatchObject({ secret: before.current });
    await untilTaken((await stored()).current);
    expect(await simulator.emit('lead.updated', 'a-lead')).toEqual([expect.objectContaining({ status: 'delivered' })]);
  });

  it('failed deliveries are sent again by the reconciliation, and those that never came are counted', async () => {
    await world.cloud.idle();
    const { endpointId } = await stored();
    // The receiver cannot be reached for a while.
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

  it('deletes the endpoint with the stack; one that is gone already is no error', async () => {
    expect(await ask('Delete', wish())).toMatchObject({ Status: 'SUCCESS' });
    expect(ours()).toEqual([]);
    expect(await ask('Delete', wish())).toMatchObject({ Status: 'SUCCESS' });
    expect(await world.cloud.invoke('reconcile', {})).toBeNull();
  });
});
