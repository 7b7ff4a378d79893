import { evenlySpaced, iso } from './calendar.ts';
import { draw, pick } from './seed.ts';
import { between, scaled, type SeedData, type TableSpec, timeOf } from './table.ts';

const lines = [
  'Run started',
  'Sent the first step',
  'Skipped 3 suppressed leads',
  'Reply detected, sequence stopped',
  'Sender warm-up “slow”',
  'Daily cap reached',
];
const eventTypes = ['lead_enrolled', 'email_sent', 'email_bounced', 'reply_received', 'sequence_finished'];

/** Campaigns, their log lines and runs, and the events of each run. */
export function campaigns(seedData: SeedData): TableSpec[] {
  const bitsOf = (campaign: number) => seedData.bits('campaigns', 0, campaign);
  const logs = (campaign: number) => {
    if (campaign === 0) return 350;
    return campaign % 5 === 3 ? 230 : between(15, 60, bitsOf(campaign), 3);
  };
  const runs = (campaign: number) => between(2, 6, bitsOf(campaign), 4);

  return [
    {
      name: 'campaigns',
      size: () => scaled(seedData.leads, 170, 4, 60),
      row: (_place, bits, id) => ({
        id,
        object: 'campaign',
        created_at: iso(seedData.within(0, 0.5, bits, 1)),
        updated_at: iso(seedData.within(0.6, 0.99, bits, 2)),
        status: pick(['active', 'active', 'paused', 'draft', 'completed'], bits, 5),
        enabled: draw(bits, 6) % 4 !== 0,
        prospector_workflow_id:
          draw(bits, 7) % 3 === 0 ? null : seedData.id('prospector_workflows', 0, draw(bits, 8) % 6),
      }),
    },
    {
      name: 'campaign_logs',
      parent: 'campaigns',
      size: logs,
      row: ({ parentNumber, position, parent }, bits, id) => {
        const time = iso(
          evenlySpaced(timeOf(parent, 'created_at'), timeOf(parent, 'updated_at'), position, logs(parentNumber)),
        );
        return {
          id,
          object: 'campaign_log',
          created_at: time,
          updated_at: time,
          level: pick(['info', 'info', 'info', 'warning', 'error'], bits, 1),
          message: pick(lines, bits, 2),
        };
      },
    },
    {
      name: 'campaign_runs',
      parent: 'campaigns',
      size: runs,
      row: ({ parentNumber, position, parent }, bits, id) => {
        const time = iso(
          evenlySpaced(timeOf(parent, 'created_at'), timeOf(parent, 'updated_at'), position, runs(parentNumber)),
        );
        return {
          id,
          object: 'campaign_run',
          created_at: time,
          updated_at: time,
          status: pick(['completed', 'completed', 'running', 'failed'], bits, 1),
          campaign_id: seedData.id('campaigns', 0, parentNumber),
        };
      },
    },
    {
      name: 'campaign_run_events',
      parent: 'campaign_runs',
      size: (run) => (run === 1 ? 120 : between(2, 10, seedData.bits('campaigns', 1, run), 1)),
      row: ({ parent }, bits, id) => {
        const time = iso(timeOf(parent, 'created_at'));
        return {
          id,
          object: 'campaign_run_event',
          created_at: time,
          updated_at: time,
          type: pick(eventTypes, bits, 1),
          summary: draw(bits, 2) % 20 === 0 ? null : `Step ${between(1, 5, bits, 3)}: ${pick(lines, bits, 4)}`,
        };
      },
    },
  ];
}
