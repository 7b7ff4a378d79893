import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { WebhookEvent } from '../../lambdas/contract/webhook.ts';
import { withParents } from '../../lambdas/streams/registry.ts';
import type { Cloud } from '../../local/cloud/cloud.ts';
import type { Simulator } from '../../local/simulator/simulator.ts';
import { eventFaults, exportFaults, type SentEvent, type Source } from './event-oracle.ts';
import { faultsOf } from './lake-oracle.ts';
import type { MemoryStore } from './memory-store.ts';

/** What the embedded cloud is made to do while its processes are killed. */

export interface CloudStage {
  readonly cloud: Cloud;
  /** As it was at the beginning, with an endpoint at `webhookUrl`. */
  readonly simulator: Simulator;
  readonly webhookUrl: string;
  /** Tick of the schedules, another in each trial. */
  readonly at: Date;
  /** How often the schedule fires. */
  readonly fires: number;
  /** Events on the bus before. */
  readonly eventsBefore: number;
  /** Ids of leads and of exports at the vendor before. */
  readonly before: { readonly leads: readonly string[]; readonly exports: readonly string[] };
}

export interface CloudWorkload {
  readonly name: string;
  readonly streams: readonly Stream[];
  /** What every trial begins with. */
  prepare?(stage: CloudStage): Promise<void>;
  play(stage: CloudStage): Promise<void>;
  /** What is wrong with the bucket then. */
  faults(stage: CloudStage, store: MemoryStore): Promise<string[]>;
}

/** Processes start slowly where the machine has other work. */
export const idleMilliseconds = 600_000;

const night = async ({ cloud, at, fires }: CloudStage) => {
  for (let fire = 0; fire < fires; fire += 1) await cloud.fire('plan', at);
};
const sourceOf = ({ simulator }: CloudStage): Source => ({ rows: (table) => simulator.expectedRows(table) });
const idsOf = ({ simulator }: CloudStage, table: string) =>
  [...simulator.expectedRows(table)].map(({ id }) => String(id));

const exportsMade = (stage: CloudStage) => idsOf(stage, 'exports').filter((id) => !stage.before.exports.includes(id));

/** As each night, until everything has come: the vendor is asked for what did not arrive. */
async function reconcile({ cloud, at, simulator }: CloudStage, atLeast: number): Promise<void> {
  const hasFailed = () => [...simulator.expectedRows('webhook_deliveries')].some((row) => row['status'] === 'failed');
  for (let attempt = 0; attempt < atLeast || (attempt < 2 && hasFailed()); attempt += 1) {
    await cloud.idle(idleMilliseconds);
    await cloud.fire('reconcile', at);
  }
}

/** Events that were delivered to our endpoint, or failed to be. */
function sentTo({ simulator, webhookUrl }: CloudStage): SentEvent[] {
  const endpoints = [...simulator.expectedRows('webhook_endpoints')].filter(({ url }) => url === webhookUrl);
  const ours = new Set(endpoints.map(({ id }) => id));
  return [...simulator.expectedRows('webhook_deliveries')]
    .filter((row) => ours.has(row['webhook_id'] ?? ''))
    .map((row) => ({
      id: String(row['id']),
      event: String(row['event']),
      body: JSON.stringify(row['payload_redacted']),
    }));
}

export const oneNight: CloudWorkload = {
  name: 'a nightly run',
  streams: withParents(['lead_messages', 'lead_activities', 'campaign_run_events', 'exports', 'identity']),
  play: night,
  async faults(stage, store) {
    const runId = runIdOf('nightly', stage.at);
    const faults = await faultsOf(store, this.streams, [runId], sourceOf(stage).rows);
    if (stage.cloud.events.length === stage.eventsBefore) faults.push('the run was not announced');
    return faults;
  },
};

/** A lead changes, one comes, one goes, a campaign changes, and an event names nothing: each is told by an event. */
export const events: CloudWorkload = {
  name: 'webhook events and their refreshes',
  streams: withParents(['lead_messages', 'campaigns']),
  prepare: night,
  async play(stage) {
    const { simulator, cloud } = stage;
    const [changed = '', gone = ''] = idsOf(stage, 'leads');
    const [campaign = ''] = idsOf(stage, 'campaigns');
    simulator.updateLead(changed, { title: 'Changed' });
    simulator.create('lead_messages', { body: 'A new message' }, changed);
    simulator.deleteLead(gone);
    const { id: made } = simulator.createLead({ full_name: 'New Here' });
    simulator.update('campaigns', campaign, { status: 'renamed' });
    const told: [WebhookEvent, string][] = [
      ['lead.updated', changed],
      ['lead.updated', gone],
      ['lead.created', String(made)],
      ['campaign.updated', campaign],
    ];
    await Promise.all(told.map(([event, id]) => simulator.emit(event, id)));
    await cloud.idle(idleMilliseconds);
    simulator.updateLead(changed, { title: 'Changed again' });
    await simulator.emit('lead.updated');
    await reconcile(stage, 1);
  },
  async faults(stage, store) {
    const sent = sentTo(stage);
    const faults = await eventFaults(store, this.streams, sourceOf(stage), sent);
    return sent.length === 5 ? faults : [...faults, `${sent.length} events were sent`];
  },
};

/** A lead is deleted unseen, and an export of everything tells of it; then the vendor's event about the export comes. */
export const exported: CloudWorkload = {
  name: 'an export from its creation to the sweep',
  streams: withParents(['leads', 'exports']),
  prepare: night,
  async play(stage) {
    const { simulator, cloud, at } = stage;
    simulator.deleteLead(stage.before.leads[0] ?? '');
    await cloud.fire('exports', at);
    await cloud.idle(idleMilliseconds);
    const [made] = exportsMade(stage);
    await simulator.emit('export.completed', made);
    await reconcile(stage, 0);
  },
  async faults(stage, store) {
    const made = exportsMade(stage);
    const [exportId = ''] = made;
    const file = { exportId, lines: stage.simulator.exportFile(exportId) };
    const leads = new Set(idsOf(stage, 'leads'));
    const deleted = stage.before.leads.filter((id) => !leads.has(id));
    const faults = await exportFaults(store, this.streams, sourceOf(stage), { file, deleted });
    if (made.length !== 1) faults.push(`${made.length} exports were made`);
    const told = stage.cloud.events.slice(stage.eventsBefore).map(({ detailType }) => detailType);
    for (const type of ['Export Failed', 'Deletion Stopped'])
      if (told.includes(type)) faults.push(`${type} was announced`);
    return faults;
  },
};
