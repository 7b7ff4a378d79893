import { iso } from './calendar.ts';
import type { Rota } from './rota.ts';
import { draw, fraction, kindOf, pick } from './seed.ts';
import { between, type Ground, idTable, type IdTable, placeOfHandle, scaled } from './table.ts';

const lines = [
  'Run started',
  'Sent the first step',
  'Skipped 3 suppressed leads',
  'Reply detected, sequence stopped',
  'Sender warm-up “slow”',
  'Daily cap reached',
];
const eventTypes = ['lead_enrolled', 'email_sent', 'email_bounced', 'reply_received', 'sequence_finished'];
const logsAtEpoch = 3;

/** At each epoch one campaign moves: three log lines and a run, with its events, are new. */
export function campaigns(ground: Ground): IdTable[] {
  const { calendar, seed } = ground;
  const rota = ground.rota('campaigns', { base: scaled(ground.leads, 170, 4, 60), minimum: 1 });
  const kind = kindOf('campaigns');
  const bitsOf = (campaign: number) => seed.bits(kind, 0, campaign);
  const movedAt = (epoch: number) => calendar.change(epoch, 0, 1);
  const createdAt = (campaign: number) => calendar.past(fraction(bitsOf(campaign), 1) * 0.5);
  const settledAt = (campaign: number) => calendar.past(0.6 + fraction(bitsOf(campaign), 2) * 0.39);

  const logsBefore = (campaign: number) => {
    if (campaign === 0) return 350;
    return campaign % 5 === 3 ? 230 : between(15, 60, bitsOf(campaign), 3);
  };
  const runsBefore = (campaign: number) => between(2, 6, bitsOf(campaign), 4);
  /** When the `position`-th child came to be, where each epoch that moves the campaign adds `atEpoch` of them. */
  const childAt = (campaign: number, position: number, before: number, atEpoch: number) => {
    const epoch = rota.changesOf(campaign)[Math.floor((position - before) / atEpoch)];
    return epoch === undefined ? spread(createdAt(campaign), settledAt(campaign), position, before) : movedAt(epoch);
  };

  const workflowKind = kindOf('prospector_workflows');
  return [
    idTable(ground, {
      name: 'campaigns',
      size: () => rota.total,
      fields: ({ position: campaign }, bits, id) => ({
        id,
        object: 'campaign',
        created_at: iso(createdAt(campaign)),
        updated_at: iso(updatedAt(rota, campaign, movedAt) ?? settledAt(campaign)),
        status: pick(['active', 'active', 'paused', 'draft', 'completed'], bits, 5),
        enabled: draw(bits, 6) % 4 !== 0,
        prospector_workflow_id: draw(bits, 7) % 3 === 0 ? null : seed.id(workflowKind, 0, draw(bits, 8) % 6),
      }),
    }),
    idTable(ground, {
      name: 'campaign_logs',
      parent: 'campaigns',
      size: (campaign) => logsBefore(campaign) + logsAtEpoch * rota.changesOf(campaign).length,
      fields: ({ parent: campaign, position }, bits, id) => {
        const time = iso(childAt(campaign, position, logsBefore(campaign), logsAtEpoch));
        return {
          id,
          object: 'campaign_log',
          created_at: time,
          updated_at: time,
          level: pick(['info', 'info', 'info', 'warning', 'error'], bits, 1),
          message: pick(lines, bits, 2),
        };
      },
    }),
    idTable(ground, {
      name: 'campaign_runs',
      parent: 'campaigns',
      size: (campaign) => runsBefore(campaign) + rota.changesOf(campaign).length,
      fields: ({ parent: campaign, position }, bits, id) => {
        const time = iso(childAt(campaign, position, runsBefore(campaign), 1));
        return {
          id,
          object: 'campaign_run',
          created_at: time,
          updated_at: time,
          status: pick(['completed', 'completed', 'running', 'failed'], bits, 1),
          campaign_id: seed.id(kind, 0, campaign),
        };
      },
    }),
    idTable(ground, {
      name: 'campaign_run_events',
      parent: 'campaign_runs',
      size: (run) => (run === 1 ? 120 : between(2, 10, seed.bits(kind, 1, run), 1)),
      fields: ({ parent: run }, bits, id) => {
        const { parent: campaign, position } = placeOfHandle(run);
        const time = iso(childAt(campaign, position, runsBefore(campaign), 1));
        return {
          id,
          object: 'campaign_run_event',
          created_at: time,
          updated_at: time,
          type: pick(eventTypes, bits, 1),
          summary: draw(bits, 2) % 20 === 0 ? null : `Step ${between(1, 5, bits, 3)}: ${pick(lines, bits, 4)}`,
        };
      },
    }),
  ];
}

/** The `position`-th of `count` times between two. */
export function spread(from: number, to: number, position: number, count: number): number {
  return from + Math.floor(((to - from) * (position + 1)) / (count + 1));
}

/** When an epoch last moved the row; undefined where none did. */
export function updatedAt(rota: Rota, row: number, movedAt: (epoch: number) => number): number | undefined {
  const epoch = rota.lastChange(row);
  return epoch === 0 ? undefined : movedAt(epoch);
}
