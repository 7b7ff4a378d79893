import { iso } from './calendar.ts';
import type { Leads } from './leads.ts';
import { activitySummaries, activityTypes, bodies, subjects } from './words.ts';
import { draw, pick } from './seed.ts';
import { between, type Ground, idTable, type IdTable } from './table.ts';

/** One lead in a thousand has several pages of each. */
const busyLead = 1_000;

/**
 * Activities and messages of leads. An epoch adds an activity, and often a message, to each lead that it
 * changes; what was there stays.
 */
export function leadChildren(ground: Ground, leads: Leads): IdTable[] {
  const activitiesBefore = (lead: number) => {
    const bits = leads.bits(lead);
    if (lead % busyLead === 7) return 230;
    return draw(bits, 20) % 20 === 0 ? 0 : between(1, 3, bits, 21);
  };
  const messagesBefore = (lead: number) => (lead % busyLead === 11 ? 130 : between(0, 3, leads.bits(lead), 22));
  const messageEpochs = (lead: number) =>
    leads.rota.changesOf(lead).filter((epoch) => draw(leads.bits(lead), 2_000 + epoch) % 4 !== 0);

  /** Spread over the lead's life where the epochs added nothing, else when the epoch changed the lead. */
  const createdAt = (lead: number, position: number, before: number, epochs: readonly number[]) => {
    const epoch = epochs[position - before];
    if (epoch !== undefined) return leads.changed(epoch, lead);
    const from = leads.created(lead);
    return from + Math.floor(((leads.settled(lead) - from) * (position + 1)) / (before + 1));
  };

  return [
    idTable(ground, {
      name: 'lead_activities',
      parent: 'leads',
      size: (lead) => activitiesBefore(lead) + leads.rota.changesOf(lead).length,
      fields: ({ parent: lead, position }, bits, id) => {
        const time = iso(createdAt(lead, position, activitiesBefore(lead), leads.rota.changesOf(lead)));
        return {
          id,
          object: 'lead_activity',
          created_at: time,
          updated_at: time,
          type: pick(activityTypes, bits, 1),
          summary: draw(bits, 2) % 25 === 0 ? null : pick(activitySummaries, bits, 3),
        };
      },
    }),
    idTable(ground, {
      name: 'lead_messages',
      parent: 'leads',
      size: (lead) => messagesBefore(lead) + messageEpochs(lead).length,
      fields: ({ parent: lead, position }, bits, id) =>
        message(id, bits, createdAt(lead, position, messagesBefore(lead), messageEpochs(lead))),
    }),
  ];
}

/** A message with a lead, or in a thread. */
export function message(id: string, bits: number, time: number) {
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
