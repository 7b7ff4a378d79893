import type { LeadSegment, Leads } from './data/leads.ts';
import type { Row } from './data/table.ts';
import { type Entry, firstMadePosition, type Overlay } from './overlay.ts';

/** Bounds of the time filters, in milliseconds; `from` and `to` are included. */
export interface LeadFilter {
  readonly updatedFrom: number;
  readonly updatedTo: number;
  readonly createdFrom: number;
  readonly createdTo: number;
}

export const everything: LeadFilter = {
  updatedFrom: -Infinity,
  updatedTo: Infinity,
  createdFrom: -Infinity,
  createdTo: Infinity,
};

/** Where a lead stands in the list: by time of last change, then by number. */
export interface LeadPosition {
  readonly time: number;
  readonly lead: number;
}

export interface ListedLead extends LeadPosition {
  readonly row: Row;
}

export const beginning: LeadPosition = { time: -Infinity, lead: -1 };

/**
 * The list of leads, in order of (updated_at, number). A page is cut by keyset: it begins behind the last
 * row given, wherever that row is now. A lead that changes during a read moves to the end of the list and
 * comes again, or falls out of the window that is read; none is passed over because another one moved.
 *
 * Reading a page looks at its own rows and at those in between that moved elsewhere, never at all leads.
 */
export class LeadList {
  readonly #leads: Leads;
  readonly #overlay: Overlay;
  #sorted: { version: number; entries: readonly (Entry & { time: number; created: number })[] } | undefined;

  constructor(leads: Leads, overlay: Overlay) {
    this.#leads = leads;
    this.#overlay = overlay;
  }

  /** The same list as it is now, whatever is written later. */
  snapshot(): LeadList {
    return new LeadList(this.#leads, this.#overlay.copy());
  }

  /** @param after position of the last row given */
  *rows(filter: LeadFilter, after: LeadPosition): Generator<ListedLead> {
    const written = this.#written();
    let next = lowerBound(written.length, (at) => isAfter(after, written[at]?.time ?? 0, written[at]?.position ?? 0));
    for (const { time, lead } of this.#computed(filter, after)) {
      for (
        let entry = written[next];
        entry && !isAfter({ time, lead }, entry.time, entry.position);
        entry = written[++next]
      ) {
        if (holds(filter, entry)) yield { time: entry.time, lead: entry.position, row: entry.row };
      }
      yield { time, lead, row: this.#leads.row(0, lead) };
    }
    for (let entry = written[next]; entry; entry = written[++next]) {
      if (holds(filter, entry)) yield { time: entry.time, lead: entry.position, row: entry.row };
    }
  }

  /** Numbers of all leads in no order that matters: those made by writes stand for themselves as rows. */
  *all(): Generator<{ lead: number; row: Row | undefined }> {
    const { untouched, entries, removed } = this.#overlay;
    for (let lead = 0; lead < this.#leads.size(); lead += 1) {
      const id = untouched ? '' : this.#leads.id(0, lead);
      if (!untouched && removed.has(id)) continue;
      yield { lead, row: untouched ? undefined : entries.get(id)?.row };
    }
    for (const { lead, row } of this.#made()) yield { lead, row };
  }

  *#made(): Generator<{ lead: number; row: Row }> {
    for (const { position, row } of this.#overlay.madeFrom('', firstMadePosition)) yield { lead: position, row };
  }

  /** Computed leads that no write touched, in order. */
  *#computed(filter: LeadFilter, after: LeadPosition): Generator<LeadPosition> {
    const { rota } = this.#leads;
    const { untouched, entries, removed } = this.#overlay;
    for (let epoch = 0; epoch <= this.#leads.latestEpoch; epoch += 1) {
      const segment = this.#leads.segment(epoch);
      const end = segmentEnd(segment, filter);
      for (let at = segmentStart(segment, filter, after); at < end; at += 1) {
        const lead = segment.row(at);
        if (rota.lastChange(lead) > epoch) continue;
        if (!untouched) {
          const id = this.#leads.id(0, lead);
          if (removed.has(id) || entries.has(id)) continue;
        }
        yield { time: segment.updated(at), lead };
      }
    }
  }

  #written(): readonly (Entry & { time: number; created: number })[] {
    if (this.#sorted?.version !== this.#overlay.version) {
      const entries = [...this.#overlay.entries.values()].map((entry) => ({
        ...entry,
        time: timeOf(entry.row['updated_at']),
        created: timeOf(entry.row['created_at']),
      }));
      entries.sort((a, b) => a.time - b.time || a.position - b.position);
      this.#sorted = { version: this.#overlay.version, entries };
    }
    return this.#sorted.entries;
  }
}

function segmentStart(segment: LeadSegment, filter: LeadFilter, after: LeadPosition): number {
  if (segment.length === 0 || segment.updated(segment.length - 1) < Math.max(filter.updatedFrom, after.time))
    return segment.length;
  return lowerBound(
    segment.length,
    (at) =>
      segment.updated(at) >= filter.updatedFrom &&
      segment.created(at) >= filter.createdFrom &&
      isAfter(after, segment.updated(at), segment.row(at)),
  );
}

function segmentEnd(segment: LeadSegment, filter: LeadFilter): number {
  if (filter.updatedTo === Infinity && filter.createdTo === Infinity) return segment.length;
  return lowerBound(
    segment.length,
    (at) => segment.updated(at) > filter.updatedTo || segment.created(at) > filter.createdTo,
  );
}

/** The first position at which a condition holds that, once it holds, holds on. */
function lowerBound(length: number, holdsAt: (position: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holdsAt(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isAfter(position: LeadPosition, time: number, lead: number): boolean {
  return time > position.time || (time === position.time && lead > position.lead);
}

function holds(filter: LeadFilter, { time, created }: { time: number; created: number }): boolean {
  return (
    time >= filter.updatedFrom &&
    time <= filter.updatedTo &&
    created >= filter.createdFrom &&
    created <= filter.createdTo
  );
}

function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : 0;
}
