import { iso } from './calendar.ts';
import { message } from './lead-children.ts';
import type { LeadFacts } from './leads.ts';
import { draw } from './seed.ts';
import { between, type SeedData, type TableSpec, timeOf } from './table.ts';

/** One thread in a hundred has several pages of messages. */
const busyThread = 100;

/** Inbox threads, one per ten leads, and their messages. The last message has the time of the thread's last change. */
export function inbox(seedData: SeedData, leads: LeadFacts): TableSpec[] {
  const base = Math.ceil(seedData.leads / 10);
  const leadOf = (thread: number, bits: number) =>
    thread < base ? Math.min(seedData.leads - 1, thread * 10 + (draw(bits, 30) % 10)) : draw(bits, 30) % seedData.leads;
  const messages = (thread: number) => {
    if (thread >= base) return 0;
    return thread % busyThread === 3 ? 150 : between(1, 5, seedData.bits('inbox_threads', 0, thread), 31);
  };

  return [
    {
      name: 'inbox_threads',
      size: () => base,
      row: ({ position: thread }, bits, id) => {
        const lead = leadOf(thread, bits);
        const [from, to] = [leads.created(lead), leads.updated(lead)];
        const count = messages(thread);
        const last = iso(from + Math.floor(((to - from) * count) / (count + 1)));
        return {
          id,
          object: 'inbox_thread',
          created_at: iso(from),
          updated_at: last,
          lead_id: leads.id(lead),
          lead_name: leads.fullName(lead),
          message_count: count,
          last_message_at: last,
        };
      },
    },
    {
      name: 'inbox_messages',
      parent: 'inbox_threads',
      size: messages,
      row: ({ parentNumber, position, parent }, bits, id) => {
        const [from, to] = [timeOf(parent, 'created_at'), timeOf(parent, 'updated_at')];
        return message(
          id,
          bits,
          from + Math.floor(((to - from) * (position + 1)) / Math.max(1, messages(parentNumber))),
        );
      },
    },
  ];
}
