/** Workloads for the embedded cloud. Trials kill its processes while one runs. */

import { runIdOf } from '../../lambdas/core/runs/run-ids.ts';
import type { Stream } from '../../lambdas/contract/stream.ts';
import type { WebhookEvent } from '../../lambdas/contract/webhook.ts';
import { withParents } from '../../lambdas/streams/registry.ts';
import type { Cloud } from '../../local/cloud/cloud.ts';
import type { Simulator } from '../../local/simulator/simulator.ts';
import { eventFaults, exportFaults, type SentEvent, type Source } from './event-oracle.ts';
import { faultsOf } from './lake-oracle.ts';
import type { MemoryStore } from './memory-store.ts';

export interface CloudStage {
  readonly cloud: Cloud;
  /** The simulated vendor, in its initial state, with an endpoint at `webhookUrl`. */
  readonly simulator: Simulator;
  readonly webhookUrl: string;
  /** Scheduled time that is passed to the functions; differs between trials. */
  readonly at: Date;
  /** Number of times the schedule fires. */
  readonly fires: number;
  /** Number of events on the bus before the trial. */
  readonly eventsBefore: number;
  /** Ids of the vendor's leads and exports before the trial. */
  readonly before: { readonly leads: readonly string[]; readonly exports: readonly string[] };
}

export interface CloudWorkload {
  readonly name: string;
  readonly streams: readonly Stream[];
  /** Prepares the bucket that every trial starts with. */
  prepare?(stage: CloudStage): Promise<void>;
  play(stage: CloudStage): Promise<void>;
  /** What is wrong with the bucket after the trial. */
  faults(stage: CloudStage, store: MemoryStore): Promise<string[]>;
}

/** Longest wait for an idle cloud: generous, because processes start slowly on a busy machine. */
export const idleMilliseconds = 600_000;

const night = async ({ cloud, at, fires }: CloudStage) => {
  for (let fire = 0; fire < fires; fire += 1) await cloud.fire('plan', at);
};
const sourceOf = ({ simulator }: CloudStage): Source => ({ rows: (table) => simulator.expectedRows(table) });
const idsOf = ({ simulator }: CloudStage, table: string) =>
  [...simulator.expectedRows(table)].map(({ id }) => String(id));

const exportsMade = (stage: CloudStage) => idsOf(stage, 'exports').filter((id) => !stage.before.exports.includes(id));

/**
 * Runs the reconciliation, which requests redelivery: at least `atLeast` times, and up to twice while a delivery is
 * failed.
 */
async function reconcile({ cloud, at, simulator }: CloudStage, atLeast: number): Promise<void> {
  const hasFailed = () => [...simulator.expectedRows('webhook_deliveries')].some((row) => row['status'] === 'failed');
  for (let attempt = 0; attempt < atLeast || (attempt < 2 && hasFailed()); attempt += 1) {
    await cloud.idle(idleMilliseconds);
    await cloud.fire('reconcile', at);
  }
}

/** Events delivered to our endpoint, including failed deliveries. */
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

/**
 * One lead is changed, one created, one deleted, and a campaign is changed, each with an event. One event has no id.
 */
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

/** A lead is deleted without an event, a full export reveals that, and the event about the export comes last. */
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
