import { evenlySpaced, iso } from './calendar.ts';
import type { LeadFacts } from './leads.ts';
import { activitySummaries, activityTypes, bodies, subjects } from './words.ts';
import { draw, pick } from './seed.ts';
import { between, type Id, type TableSpec, timeOf } from './table.ts';

/** One lead in this many has several pages of activities, and another one several pages of messages. */
const busyLead = 1_000;

/** Activities and messages of leads, spread over the lifetime of each lead. */
export function leadChildren(facts: LeadFacts): TableSpec[] {
  const activities = (lead: number) => {
    const bits = facts.bits(lead);
    if (lead % busyLead === 7) return 230;
    return draw(bits, 20) % 20 === 0 ? 0 : between(1, 3, bits, 21);
  };
  const messages = (lead: number) => (lead % busyLead === 11 ? 130 : between(0, 3, facts.bits(lead), 22));

  return [
    {
      name: 'lead_activities',
      parent: 'leads',
      size: activities,
      row: ({ parentNumber, position, parent }, bits, id) => {
        const time = iso(
          evenlySpaced(timeOf(parent, 'created_at'), timeOf(parent, 'updated_at'), position, activities(parentNumber)),
        );
        return {
          id,
          object: 'lead_activity',
          created_at: time,
          updated_at: time,
          type: pick(activityTypes, bits, 1),
          summary: draw(bits, 2) % 25 === 0 ? null : pick(activitySummaries, bits, 3),
        };
      },
    },
    {
      name: 'lead_messages',
      parent: 'leads',
      size: messages,
      row: ({ parentNumber, position, parent }, bits, id) =>
        message(
          id,
          bits,
          evenlySpaced(timeOf(parent, 'created_at'), timeOf(parent, 'updated_at'), position, messages(parentNumber)),
        ),
    },
  ];
}

/** A message of a lead or of a thread. */
export function message(id: Id, bits: number, time: number) {
  const channel = pick(['email', 'email', 'sms', 'whatsapp', 'voice'], bits, 1);
  return {
    id,
    object: 'message',
    created_at: iso(time),
    updated_at: iso(time),
    direction: draw(bits, 2) % 3 === 0 ? 'inbound' : 'outbound',
    channel,
    subject: channel === 'email' ? pick(subjects, bits, 3) : null,
    body: draw(bits, 4) % 40 === 0 ? null : pick(bodies, bits, 5),
  };
}
