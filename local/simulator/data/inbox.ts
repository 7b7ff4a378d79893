import { iso } from './calendar.ts';
import { message } from './lead-children.ts';
import type { Leads } from './leads.ts';
import { draw } from './seed.ts';
import { between, type Ground, idTable, type IdTable } from './table.ts';

/** One thread in a hundred has several pages of messages. */
const busyThread = 100;

/** A thread for every tenth lead. An epoch moves one in a hundred by a new message, and opens one. */
export function inbox(ground: Ground, leads: Leads): IdTable[] {
  const base = Math.ceil(ground.leads / 10);
  const rota = ground.rota('inbox_threads', { base, share: 0.01, minimum: 2, added: 1 });

  const leadOf = (thread: number) => {
    const bits = leads.bits(thread);
    return thread < base
      ? Math.min(ground.leads - 1, thread * 10 + (draw(bits, 30) % 10))
      : draw(bits, 30) % ground.leads;
  };
  const changed = (epoch: number, thread: number) =>
    ground.calendar.change(epoch, rota.position(epoch, thread), rota.size(epoch));
  const before = (thread: number) => (thread % busyThread === 3 ? 150 : between(1, 5, leads.bits(thread), 31));
  const size = (thread: number) => before(thread) + rota.changesOf(thread).length;
  const createdAt = (thread: number) => {
    const birth = rota.birth(thread);
    return birth === 0 ? leads.created(leadOf(thread)) : changed(birth, thread);
  };
  const messageAt = (thread: number, position: number) => {
    const epoch = rota.changesOf(thread)[position - before(thread)];
    if (epoch !== undefined) return changed(epoch, thread);
    const from = createdAt(thread);
    const birth = rota.birth(thread);
    const to = birth === 0 ? leads.settled(leadOf(thread)) : from;
    return from + Math.floor(((to - from) * (position + 1)) / (before(thread) + 1));
  };

  return [
    idTable(ground, {
      name: 'inbox_threads',
      size: () => rota.total,
      fields: ({ position: thread }, _bits, id) => {
        const last = iso(messageAt(thread, size(thread) - 1));
        return {
          id,
          object: 'inbox_thread',
          created_at: iso(createdAt(thread)),
          updated_at: last,
          lead_id: leads.id(0, leadOf(thread)),
          lead_name: leads.fullName(leadOf(thread)),
          message_count: size(thread),
          last_message_at: last,
        };
      },
    }),
    idTable(ground, {
      name: 'inbox_messages',
      parent: 'inbox_threads',
      size,
      fields: ({ parent: thread, position }, bits, id) => message(id, bits, messageAt(thread, position)),
    }),
  ];
}
