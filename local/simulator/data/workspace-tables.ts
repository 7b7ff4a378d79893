import { webhookEvents } from '../../../lambdas/contract/webhook.ts';
import { iso } from './calendar.ts';
import { firstNames, lastNames, mailName } from './people.ts';
import { subjects } from './words.ts';
import { draw, kindOf, pick } from './seed.ts';
import { between, type Ground, idTable, type IdTable, scaled } from './table.ts';

const minute = 60_000;
/** Leads for one referral, and how many there are at least and at most. */
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

/** Lead fields, referrals, tickets and webhook endpoints. An epoch adds a ticket and two deliveries. */
export function workspaceTables(ground: Ground): IdTable[] {
  const { calendar } = ground;
  const referralBase = scaled(ground.leads, ...referralsPer);
  const ticketBase = scaled(ground.leads, 100, 5, 200);
  const tickets = ground.rota('support_tickets', { base: ticketBase, added: 1 });
  const deliveriesAtEpoch = 2;
  const deliveriesBefore = (endpoint: number) => (endpoint === 0 ? 24 : 130);
  const webhookKind = kindOf('webhook_endpoints');

  return [
    idTable(ground, {
      name: 'lead_fields',
      size: () => fields.length,
      fields: ({ position }, _bits, id) => {
        const [key, label, type] = fields[position] ?? fields[0];
        const time = iso(calendar.past(0.01));
        return { id, object: 'lead_field', created_at: time, updated_at: time, key, label, field_type: type };
      },
    }),
    idTable(ground, {
      name: 'referrals',
      size: () => referralBase,
      fields: ({ position }, bits, id) => {
        const time = iso(calendar.past((position + 0.5) / (referralBase + 1)));
        return {
          id,
          object: 'referral',
          created_at: time,
          updated_at: time,
          email: `${mailName(pick(firstNames, bits, 1))}.${mailName(pick(lastNames, bits, 2))}.${position}@example.org`,
          status: pick(['pending', 'qualified', 'rewarded'], bits, 3),
        };
      },
    }),
    idTable(ground, {
      name: 'support_tickets',
      size: () => tickets.total,
      fields: ({ position }, bits, id) => {
        const birth = tickets.birth(position);
        const time = iso(
          birth === 0 ? calendar.past((position + 0.5) / (ticketBase + 1)) : calendar.change(birth, 0, 1),
        );
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
    }),
    idTable(ground, {
      name: 'webhook_endpoints',
      size: () => 2,
      // Neither takes events that the simulator sends by itself: their addresses are not of this machine.
      fields: ({ position }, bits, id) => ({
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
    }),
    idTable(ground, {
      name: 'webhook_deliveries',
      parent: 'webhook_endpoints',
      size: (endpoint) => deliveriesBefore(endpoint) + (endpoint === 0 ? deliveriesAtEpoch * calendar.latest : 0),
      fields: ({ parent: endpoint, position }, bits, id) => {
        const before = deliveriesBefore(endpoint);
        const epoch = position < before ? 0 : 1 + Math.floor((position - before) / deliveriesAtEpoch);
        const start = epoch === 0 ? calendar.past(0.3 + (0.6 * position) / before) : calendar.change(epoch, 0, 1);
        const last = epoch === 0 ? start + minute : start;
        const event = pick(webhookEvents, bits, 1);
        const failed = draw(bits, 2) % 8 === 0;
        return {
          id,
          object: 'public_api_webhook_delivery',
          created_at: iso(start),
          updated_at: iso(last),
          event,
          status: failed ? 'failed' : 'delivered',
          payload_redacted: { event, data: { id: ground.seed.id(webhookKind, 1, position) } },
          request_headers: { 'x-prospectb2b-event': event, 'x-prospectb2b-delivery': id },
          response_status_code: failed ? (draw(bits, 3) % 2 === 0 ? 503 : null) : 200,
          response_headers: failed ? {} : { 'content-type': 'text/plain' },
          response_body_snippet: failed ? 'upstream “busy”' : 'ok',
          error_message: failed ? 'The endpoint did not answer with 2xx.' : null,
          attempt_count: failed ? between(2, 5, bits, 4) : 1,
          delivered_at: failed ? null : iso(last),
          last_attempted_at: iso(last),
          next_attempt_at: null,
        };
      },
    }),
  ];
}
