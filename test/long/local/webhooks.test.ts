/** Deployed webhooks: HTTP route, receiver, queue with its batch window, refresh, convert, publish, lake. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { maxWebhookBytes, webhookEvents } from '../../../lambdas/contract/webhook.ts';
import { type Simulator, startSimulator } from '../../../local/simulator/simulator.ts';
import { type DeliveryOptions, EventWorld, testSecret } from '../../support/event-world.ts';

/**
 * The batch window and message delays pass this many times faster than in the cloud. If time passed faster still, a
 * slow machine could make a delayed message visible again before all events are sent.
 */
const timeScale = 10;
const windowMilliseconds = 30_000 / timeScale;
/** Milliseconds to wait after the batch window. How few it takes is measured by `npm run bench -- webhook`. */
const patience = 45_000;

// Functions start as processes, which takes long on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let simulator: Simulator;
let world: EventWorld;
let ids: string[];
/** The refresh function stays busy until this promise settles. */
let refreshMayGoOn = Promise.resolve();

beforeAll(async () => {
  simulator = await startSimulator({ leads: 80 });
  world = await EventWorld.start(simulator, {
    streams: ['lead_messages', 'campaigns'],
    timeScale,
    concurrency: { refresh: 1 },
    hooks: {
      async beforeCall({ functionName }) {
        if (functionName === 'refresh') await refreshMayGoOn;
        return 'continue' as const;
      },
    },
  });
  await world.load();
  ids = [...simulator.expectedRows('leads')].map(({ id }) => String(id));
  simulator.registerWebhook({ url: world.webhookUrl, events: webhookEvents, secret: testSecret });
}, 120_000);
afterAll(async () => {
  await world.end();
  await simulator.stop();
});

const leadAt = (index: number) => ids[index] ?? '';
const current = async (id: string) => (await world.query(`SELECT * FROM leads WHERE id = '${id}'`))[0];
const refreshQueue = () => world.cloud.queues().find(({ name }) => name === 'refresh-queue');
const refreshInvocations = () =>
  world.cloud.memory().find(({ functionName }) => functionName === 'refresh')?.invocations ?? 0;
const fetches = () => simulator.requestCounts()['retrieveLead'] ?? 0;

/** Sends as the vendor does: deliveries that the route throttles are sent again. */
async function sendAll(bodies: string[]): Promise<void> {
  for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
    const [text, id] = [body, randomUUID()];
    await vi.waitFor(async () => expect((await world.deliver(text, { id })).status).toBe(202), {
      timeout: 30_000,
      interval: 100,
    });
  }
}

describe('an event', () => {
  it('of a changed lead makes its new row and children current after the window', async () => {
    const id = leadAt(0);
    simulator.updateLead(id, { title: 'Chief of Tests' });
    simulator.create('lead_messages', { id: 'message-of-the-test' }, id);
    const watermarks = world.text('state/pipeline.json');
    const deliveries = await simulator.emit('lead.updated', id);
    expect(deliveries.map(({ status, response_status_code }) => [status, response_status_code])).toEqual([
      ['delivered', 202],
    ]);
    await vi.waitFor(async () => expect(await current(id)).toMatchObject({ title: 'Chief of Tests' }), {
      timeout: windowMilliseconds + patience,
      interval: 50,
    });
    await world.cloud.idle();
    expect(await world.query(`SELECT id FROM lead_messages WHERE id = 'message-of-the-test'`)).toHaveLength(1);
    expect(await world.query(`SELECT DISTINCT event, resource_table, resource_id FROM webhook_events`)).toEqual([
      { event: 'lead.updated', resource_table: 'leads', resource_id: id },
    ]);
    expect(world.text('state/pipeline.json')).toBe(watermarks);
  });

  it('of a new lead loads it', async () => {
    const { id } = simulator.createLead({ full_name: 'New Here' });
    await world.refreshesOf(() => simulator.emit('lead.created', String(id)));
    expect(await current(String(id))).toMatchObject({ full_name: 'New Here' });
  });

  it('of a campaign loads it', async () => {
    const { id } = [...simulator.expectedRows('campaigns')][0] ?? {};
    simulator.update('campaigns', String(id), { status: 'renamed' });
    await world.refreshesOf(() => simulator.emit('campaign.updated', String(id)));
    expect(await world.query(`SELECT status FROM campaigns WHERE id = '${String(id)}'`)).toEqual([
      { status: 'renamed' },
    ]);
  });

  it('of a deleted lead ends complete, and is counted', async () => {
    const id = leadAt(1);
    simulator.deleteLead(id);
    const { reports } = await world.refreshesOf(() => simulator.emit('lead.updated', id));
    expect(reports.map(({ status, tables }) => [status, tables['leads']?.missing])).toEqual([['complete', 1]]);
  });

  it('without a resource reads the changes of its stream', async () => {
    const id = leadAt(2);
    simulator.updateLead(id, { title: 'Found without an id' });
    const { plans } = await world.refreshesOf(() => simulator.emit('lead.updated'));
    expect(plans.flatMap(({ tasks }) => tasks.map(({ taskId }) => taskId))).toEqual(['leads.list']);
    expect(plans[0]?.tasks[0]?.selection).toMatchObject({ kind: 'list', window: { after: expect.any(String) } });
    expect(await current(id)).toMatchObject({ title: 'Found without an id' });
  });

  it('that comes twice, late and after a newer one leaves the API’s state', async () => {
    const id = leadAt(3);
    simulator.updateLead(id, { title: 'The last word' });
    const [first, second] = [randomUUID(), randomUUID()];
    const earlier = Math.floor(Date.now() / 1_000) - 240;
    const send = (delivery: string, title: string, signedAt?: number) =>
      world.deliver(JSON.stringify({ data: { id, title } }), { id: delivery, ...(signedAt ? { signedAt } : {}) });
    const before = fetches();
    await world.refreshesOf(async () => {
      const answers = [
        await send(second, 'The last word'),
        await send(first, 'An earlier word', earlier),
        await send(second, 'The last word'),
      ];
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    });
    expect(fetches() - before).toBe(1);
    expect(await current(id)).toMatchObject({ title: 'The last word' });
    expect(
      await world.query(
        `SELECT delivery_id FROM webhook_events WHERE delivery_id IN ('${first}', '${second}') ORDER BY signed_at`,
      ),
    ).toEqual([{ delivery_id: first }, { delivery_id: second }]);
  });

  it('for which the API returns an older copy does not hide the newer one', async () => {
    const id = leadAt(4);
    const { updated_at: newest } = simulator.updateLead(id, { title: 'Newer' });
    await world.refreshesOf(() => simulator.emit('lead.updated', id));
    simulator.updateLead(id, {
      title: 'Older',
      updated_at: new Date(Date.parse(String(newest)) - 60_000).toISOString(),
    });
    const { reports } = await world.refreshesOf(() => simulator.emit('lead.updated', id));
    expect(reports[0]?.tables['leads']?.rowsWritten).toBe(1);
    expect(await current(id)).toMatchObject({ title: 'Newer' });
  });

  it('in a burst of a thousand for fifty leads costs fifty fetches and a handful of files', async () => {
    const [before, filesBefore] = [fetches(), world.files('leads').length];
    const invocations = refreshInvocations();
    const leads = ids.slice(10, 60);
    for (const id of leads) simulator.updateLead(id, { title: 'In the burst' });
    const deliveries = Array.from({ length: 1_000 }, (_, index) =>
      JSON.stringify({ data: { id: leads[index % leads.length] } }),
    );
    const { reports } = await world.refreshesOf(async () => {
      // A refresh under way keeps the events together, as a window of 30 s does without time scaling.
      const { promise, resolve } = Promise.withResolvers<void>();
      refreshMayGoOn = promise;
      try {
        await simulator.emit('campaign.updated', 'no-such-campaign');
        await vi.waitFor(() => expect(refreshInvocations()).toBeGreaterThan(invocations), 10_000);
        await Promise.all(Array.from({ length: 16 }, () => sendAll(deliveries)));
        expect(refreshQueue()).toMatchObject({ ready: 1_000 });
      } finally {
        resolve();
      }
    });
    expect(reports).toHaveLength(2);
    expect(fetches() - before).toBe(50);
    expect(world.files('leads').length - filesBefore).toBeLessThanOrEqual(5);
    expect(reports.every(({ status }) => status === 'complete')).toBe(true);
    expect(await world.query(`SELECT count(*)::INTEGER AS n FROM leads WHERE title = 'In the burst'`)).toEqual([
      { n: 50 },
    ]);
  }, 120_000);
});

describe('a delivery of the vendor about something that is not read', () => {
  it('is accepted and stored, and starts no run', async () => {
    const refreshesBefore = world.refreshes().length;
    const strange: [body: string, options: DeliveryOptions][] = [
      ['{}', { event: 'ping', id: 'a-ping' }],
      ['{"data":{"id":"x"}}', { event: 'lead.exploded', id: 'an-unknown-event' }],
      ['not JSON', { event: 'ping', id: 'no-json' }],
      ['{"data":{"id":"import_1"}}', { event: 'import.completed', id: 'switched-off' }],
    ];
    for (const [body, options] of strange) expect((await world.deliver(body, options)).status).toBe(202);
    const kept = async () =>
      world.query(
        `SELECT delivery_id, resource_table, resource_id, body FROM webhook_events
         WHERE _run_id IS NULL ORDER BY delivery_id`,
      );
    await vi.waitFor(async () => expect(await kept()).toHaveLength(4), { timeout: 20_000, interval: 100 });
    expect(await kept()).toEqual([
      { delivery_id: 'a-ping', resource_table: null, resource_id: null, body: '{}' },
      { delivery_id: 'an-unknown-event', resource_table: null, resource_id: null, body: '{"data":{"id":"x"}}' },
      { delivery_id: 'no-json', resource_table: null, resource_id: null, body: '{"_bytes":"bm90IEpTT04="}' },
      {
        delivery_id: 'switched-off',
        resource_table: 'imports',
        resource_id: 'import_1',
        body: '{"data":{"id":"import_1"}}',
      },
    ]);
    expect(world.refreshes()).toHaveLength(refreshesBefore);
  });
});

describe('a delivery that is not from the vendor', () => {
  const personal = '{"data":{"id":"lead_x","full_name":"Nobody Should Log This"}}';
  const stale = Math.floor(Date.now() / 1_000) - 400;

  const refused: [what: string, status: number, body: string, options: DeliveryOptions][] = [
    ['with another body than was signed', 401, personal, { sent: personal.replace('lead_x', 'lead_y') }],
    ['signed with another secret', 401, personal, { secret: 'whsec_of_somebody_else' }],
    ['signed more than five minutes ago', 401, personal, { signedAt: stale }],
    ['without a signature', 401, personal, { headers: { 'x-prospectb2b-signature': undefined } }],
    ['without a timestamp', 401, personal, { headers: { 'x-prospectb2b-timestamp': undefined } }],
    ['of more bytes than an event has', 413, `{"name":"${'Nobody Should Log This '.repeat(10_000)}"}`, {}],
  ];

  it.each(refused)('%s is answered %i, not queued, and its body is not logged', async (_, status, body, options) => {
    expect(body.length > maxWebhookBytes).toBe(status === 413);
    const [refreshesBefore, linesBefore] = [world.refreshes().length, world.lines.length];
    expect((await world.deliver(body, options)).status).toBe(status);
    expect(refreshQueue()).toMatchObject({ ready: 0, inFlight: 0 });
    expect(world.refreshes()).toHaveLength(refreshesBefore);
    const told = world.lines.slice(linesBefore).filter(({ functionName }) => functionName === 'webhook');
    expect(told).toHaveLength(1);
    expect(told[0]?.line).toContain('A delivery is refused.');
    expect(told[0]?.line).not.toMatch(/Nobody Should Log This|lead_[xy]|whsec/);
  });

  it('a GET on the route and a POST elsewhere are answered 404 before any function sees them', async () => {
    const linesBefore = world.lines.length;
    expect((await fetch(world.webhookUrl)).status).toBe(404);
    expect((await fetch(`${world.cloud.apiUrl('webhook-endpoint')}/admin`, { method: 'POST' })).status).toBe(404);
    expect(world.lines).toHaveLength(linesBefore);
  });

  it('a valid one that API Gateway passes as base64 is accepted', async () => {
    const body = JSON.stringify({ data: { id: leadAt(5), full_name: 'Zoë 😀' } });
    const id = randomUUID();
    await world.refreshesOf(async () => {
      const answer = await world.deliver(body, { id, contentType: 'application/octet-stream' });
      expect(answer.status).toBe(202);
    });
    expect(await world.query(`SELECT body FROM webhook_events WHERE delivery_id = '${id}'`)).toEqual([{ body }]);
  });
});
