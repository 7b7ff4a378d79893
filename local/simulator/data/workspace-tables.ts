import { webhookEvents } from '../../../lambdas/contract/webhook.ts';
import { iso } from './calendar.ts';
import { firstNames, lastNames, mailName } from './people.ts';
import { subjects } from './words.ts';
import { draw, pick } from './seed.ts';
import { between, scaled, type SeedData, type TableSpec } from './table.ts';

const minute = 60_000;
/** Leads per referral, and the minimum and maximum number of referrals. */
export const referralsPer = [50, 10, 300] as const;
const fields = [
  ['linkedin_url', 'LinkedIn', 'url'],
  ['employees', 'Employees', 'number'],
  ['industry', 'Branche', 'select'],
  ['renewal_date', 'Renewal', 'date'],
  ['vip', 'VIP ⭐', 'boolean'],
  ['source_detail', 'Source', 'text'],
  ['score', 'Score', 'number'],
  ['notes_2', 'Notas', 'text'],
] as const;

/** Lead fields, referrals, support tickets, and webhook endpoints with their deliveries. */
export function workspaceTables(seedData: SeedData): TableSpec[] {
  const { calendar } = seedData;
  const referrals = scaled(seedData.leads, ...referralsPer);
  const tickets = scaled(seedData.leads, 100, 5, 200);
  const deliveries = (endpoint: number) => (endpoint === 0 ? 24 : 130);

  return [
    {
      name: 'lead_fields',
      size: () => fields.length,
      row: ({ position }, _bits, id) => {
        const [key, label, type] = fields[position] ?? fields[0];
        const time = iso(calendar.past(0.01));
        return { id, object: 'lead_field', created_at: time, updated_at: time, key, label, field_type: type };
      },
    },
    {
      name: 'referrals',
      size: () => referrals,
      row: ({ position }, bits, id) => {
        const time = iso(calendar.past((position + 0.5) / (referrals + 1)));
        return {
          id,
          object: 'referral',
          created_at: time,
          updated_at: time,
          email: `${mailName(pick(firstNames, bits, 1))}.${mailName(pick(lastNames, bits, 2))}.${position}@example.org`,
          status: pick(['pending', 'qualified', 'rewarded'], bits, 3),
        };
      },
    },
    {
      name: 'support_tickets',
      size: () => tickets,
      row: ({ position }, bits, id) => {
        const time = iso(calendar.past((position + 0.5) / (tickets + 1)));
        return {
          id,
          object: 'support_ticket',
          created_at: time,
          updated_at: time,
          subject: pick(subjects, bits, 1),
          body: draw(bits, 2) % 10 === 0 ? null : 'Exports fail since this morning.\nCould you look? Danke!',
          status: pick(['open', 'pending', 'closed'], bits, 3),
          source: pick(['api', 'app', 'email'], bits, 4),
        };
      },
    },
    {
      name: 'webhook_endpoints',
      size: () => 2,
      // The simulator sends no events to these two endpoints: their addresses are not on this machine.
      row: ({ position }, bits, id) => ({
        id,
        object: 'public_api_webhook_endpoint',
        url: `https://hooks.example.com/prospectb2b/${position + 1}`,
        description: position === 0 ? 'CRM sync' : null,
        events: position === 0 ? ['campaign.published'] : ['lead.created', 'lead.updated'],
        signing_secret_prefix: `whsec_${(draw(bits, 1) % 46_656).toString(36).padStart(4, '0')}`,
        last_delivered_at: position === 0 ? iso(calendar.past(0.9)) : null,
        disabled_at: position === 0 ? null : iso(calendar.past(0.95)),
        created_at: iso(calendar.past(0.3)),
        updated_at: iso(calendar.past(position === 0 ? 0.3 : 0.95)),
      }),
    },
    {
      name: 'webhook_deliveries',
      parent: 'webhook_endpoints',
      size: deliveries,
      row: ({ parentNumber: endpoint, position }, bits, id) => {
        const start = calendar.past(0.3 + (0.6 * position) / deliveries(endpoint));
        const last = start + minute;
        const event = pick(webhookEvents, bits, 1);
        const isFailed = draw(bits, 2) % 8 === 0;
        return {
          id,
          object: 'public_api_webhook_delivery',
          created_at: iso(start),
          updated_at: iso(last),
          event,
          status: isFailed ? 'failed' : 'delivered',
          payload_redacted: { event, data: { id: seedData.id('webhook_endpoints', 1, position) } },
          request_headers: { 'x-prospectb2b-event': event, 'x-prospectb2b-delivery': String(id) },
          response_status_code: isFailed ? (draw(bits, 3) % 2 === 0 ? 503 : null) : 200,
          response_headers: isFailed ? {} : { 'content-type': 'text/plain' },
          response_body_snippet: isFailed ? 'upstream “busy”' : 'ok',
          error_message: isFailed ? 'The endpoint did not answer with 2xx.' : null,
          attempt_count: isFailed ? between(2, 5, bits, 4) : 1,
          delivered_at: isFailed ? null : iso(last),
          last_attempted_at: iso(last),
          next_attempt_at: null,
        };
      },
    },
  ];
}
