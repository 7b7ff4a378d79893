import { z } from 'zod';
import type { WebhookEvent } from '../../lambdas/contract/webhook.ts';
import { CrashCloud, type CrashCloudOptions } from './crash-cloud.ts';
import { eventFaults, exportFaults } from './event-oracle.ts';
import { FixedClock } from './fixed-clock.ts';
import { SimulatedVendor } from './simulated-vendor.ts';
import { SimulatedWorkspace } from './workspace-api.ts';

const hour = 3_600_000;
const firstUrl = 'https://lake.example/webhooks/prospectb2b';
/** Number of reconciliations after which every delivery must have arrived. */
const maxReconciliations = 2;
const maxAttempts = 3;

export type EventTrial = Partial<Omit<CrashCloudOptions, 'clock' | 'api' | 'streams'>>;

export interface ExportTrial extends EventTrial {
  /**
   * When the vendor's event about the finished export comes: long after the export was loaded, or before the
   * function that created it does anything else.
   */
  readonly eventComes: 'late' | 'at once';
}

const reception = z.object({ accepted: z.boolean() });

interface Tried {
  readonly faults: string[];
  /** Steps after the first nightly run. */
  readonly steps: number;
}

/** Runs an undisturbed first night, then connects the vendor. */
async function begin(
  trial: EventTrial,
  streams: readonly string[],
  vendorOptions: { exportPolls: number; atOnce?: true },
) {
  const clock = new FixedClock('2026-11-24T02:00:00.000Z');
  const api = new SimulatedWorkspace(3, clock);
  const cloud = new CrashCloud({ ...trial, streams, clock, api });
  cloud.isDisturbed = false;
  cloud.invoke('plan', { scheduledAt: clock.now().toISOString() });
  await cloud.settle();
  cloud.isDisturbed = true;
  clock.advance(hour);
  const { workspace } = api;
  const deployment = { url: firstUrl };
  const vendor = new SimulatedVendor(workspace, {
    url: () => deployment.url,
    exportPolls: vendorOptions.exportPolls,
    receive: async (delivery) => {
      const answer = await cloud.call('webhook', delivery);
      return answer === undefined ? undefined : reception.parse(answer).accepted ? 202 : 401;
    },
    ...(vendorOptions.atOnce ? { onExport: (id: string) => void vendor.emit('export.completed', id) } : {}),
  });
  cloud.vendor = vendor;
  cloud.webhookSecret = vendor.register(firstUrl);
  return { deployment, clock, api, cloud, workspace, vendor, leadIds: api.rows('leads').map(({ id }) => String(id)) };
}

type World = Awaited<ReturnType<typeof begin>>;

/** Runs the nightly reconciliation, which asks the vendor to redeliver what did not arrive. */
async function reconcile({ cloud, clock }: World): Promise<void> {
  for (let attempt = 0; attempt < maxReconciliations; attempt += 1) {
    clock.advance(hour);
    cloud.invoke('reconcile', {});
    await cloud.settle();
  }
}

function endpointOf({ cloud }: World): string | null {
  return cloud.webhookSecret?.endpointId ?? null;
}

function finish(world: World, faults: string[]): Tried {
  return { faults: [...faults, ...world.cloud.errors], steps: world.cloud.steps };
}

/**
 * One lead is changed, one created, one deleted, and a campaign is changed, each with an event. One event has no id.
 */
export async function tryEvents(trial: EventTrial): Promise<Tried> {
  const world = await begin(trial, ['lead_messages', 'campaigns'], { exportPolls: 0 });
  const { cloud, workspace, vendor, api, leadIds, clock } = world;
  const watermarks = cloud.store.json('state/pipeline.json');
  const [changed = '', gone = '', unnamed = ''] = leadIds;
  workspace.update('leads', changed, { title: 'Changed' });
  workspace.create('lead_messages', { body: 'A new message' }, changed);
  workspace.remove('leads', gone);
  const { id: made } = workspace.create('leads', { full_name: 'New Here' });
  const [campaign] = api.rows('campaigns');
  workspace.update('campaigns', String(campaign?.['id']), { status: 'renamed' });
  workspace.update('leads', unnamed, { title: 'Changed without a name' });
  clock.advance(1_000);
  const events: [WebhookEvent, string][] = [
    ['lead.updated', changed],
    ['lead.updated', gone],
    ['lead.created', String(made)],
    ['campaign.updated', String(campaign?.['id'])],
  ];
  for (const [event, id] of events) void vendor.emit(event, id);
  await cloud.settle();
  void vendor.emit('lead.updated');
  await cloud.settle();
  await reconcile(world);
  const faults: string[] = [];
  if (JSON.stringify(cloud.store.json('state/pipeline.json')) !== JSON.stringify(watermarks))
    faults.push('a refresh has changed the watermarks');
  faults.push(...(await eventFaults(cloud.store, cloud.streams, api, [...vendor.sent.values()])));
  if (vendor.sent.size !== events.length + 1) faults.push(`${vendor.sent.size} events were sent`);
  return finish(world, faults);
}

/** A lead is deleted without an event, and a full export reveals that. */
export async function tryExport({ eventComes, ...trial }: ExportTrial): Promise<Tried> {
  const world = await begin(
    trial,
    ['leads', 'exports'],
    eventComes === 'late' ? { exportPolls: 1 } : { exportPolls: 0, atOnce: true },
  );
  const { cloud, workspace, vendor, api, leadIds, clock } = world;
  const exportIds = () => api.rows('exports').map(({ id }) => String(id));
  const before = new Set(exportIds());
  const deleted = leadIds.slice(0, 1);
  for (const id of deleted) workspace.remove('leads', id);
  cloud.invoke('export', { scheduledAt: clock.now().toISOString() });
  await cloud.settle();
  const made = exportIds().filter((id) => !before.has(id));
  const [exportId = ''] = made;
  if (eventComes === 'late') void vendor.emit('export.completed', exportId);
  await cloud.settle();
  await reconcile(world);
  const faults: string[] = [];
  if (made.length !== 1) faults.push(`${made.length} exports were made`);
  const told = cloud.announced.map(({ event }) => event);
  for (const event of ['exportFailed', 'deletionStopped'])
    if (told.includes(event)) faults.push(`${event} was announced`);
  const file = { exportId, lines: vendor.file(exportId) };
  faults.push(...(await exportFaults(cloud.store, cloud.streams, api, { file, deleted })));
  return finish(world, faults);
}

const registered = z.object({ isDone: z.boolean() });

/**
 * Repeats the action until it succeeds, at most three times. Without an answer, Lambda repeats the request. A
 * failed creation is rolled back, and the next deployment has another URL.
 */
async function register({ cloud, deployment }: World, action: 'create' | 'rotate' | 'delete'): Promise<void> {
  let isDone = false;
  for (let [attempt, failures] = [0, 0]; attempt < maxAttempts && !isDone; attempt += 1) {
    const { url } = deployment;
    const call = async (action: string) => {
      const answer = cloud.call('register', { action, url, events: ['lead.updated'] });
      await cloud.settle();
      return answer;
    };
    const answer = await call(action);
    isDone = registered.safeParse(answer).data?.isDone ?? false;
    if (isDone || answer === undefined || action !== 'create') continue;
    failures += 1;
    await call('delete');
    deployment.url = `${firstUrl}/${failures}`;
  }
}

/** Registers the endpoint, then rotates its secret, with an event after each; then deletes the endpoint. */
export async function tryRegistration(trial: EventTrial): Promise<Tried> {
  const world = await begin(trial, ['leads'], { exportPolls: 0 });
  const { cloud, vendor, leadIds, workspace, deployment } = world;
  workspace.remove('webhook_endpoints', endpointOf(world) ?? '');
  cloud.webhookSecret = undefined;
  const faults: string[] = [];
  for (const [action, left] of [
    ['create', 1],
    ['rotate', 1],
    ['delete', 0],
  ] as const) {
    await register(world, action);
    const ours = vendor.endpointsAt(deployment.url);
    if (ours.length !== left) faults.push(`after ${action}: ${ours.length} endpoints`);
    if ((ours[0] ?? null) !== endpointOf(world)) faults.push(`after ${action}: the secret is of another endpoint`);
    if (left === 0) continue;
    void vendor.emit('lead.updated', leadIds[0]);
    await cloud.settle();
    await reconcile(world);
  }
  faults.push(...(await eventFaults(cloud.store, cloud.streams, world.api, [...vendor.sent.values()])));
  if (vendor.sent.size !== 2) faults.push(`${vendor.sent.size} events were sent`);
  return finish(world, faults);
}
