import { iso } from './calendar.ts';
import { firstNames, lastNames, mailName } from './people.ts';
import { companyKinds, companyRoots, places, tags, titles } from './words.ts';
import type { Rota } from './rota.ts';
import { draw, fraction, kindOf, type Place, pick } from './seed.ts';
import { between, type ComputedTable, type Ground, type Row } from './table.ts';

const kind = kindOf('leads');
const mailHosts = ['com', 'org', 'net'];
const mailFirst = firstNames.map(mailName);
const mailLast = lastNames.map(mailName);
const mailPattern = /\.([0-9a-z]{1,6})@example\.(?:com|org|net)$/;

/** Phone numbers are a bijection of 7 digits: `number = row * step + start`, and `back` undoes the step. */
const phones = { modulus: 10_000_000, step: 7_654_321, start: 1_234_567, back: 81 };

/** A run of leads whose order by time, and by row, is the same: what a page of leads is cut from. */
export interface LeadSegment {
  readonly epoch: number;
  readonly length: number;
  /** Each of these rises with the position. */
  row(position: number): number;
  updated(position: number): number;
  created(position: number): number;
}

/**
 * The leads, computed. A lead's time of last change rises with its number, so a time filter is a range of
 * numbers; those that an epoch changed stand behind all others, in a segment of that epoch.
 */
export class Leads implements ComputedTable {
  readonly name = 'leads';
  readonly rota: Rota;
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
    const added = Math.min(20, Math.max(2, Math.round(ground.leads / 500)));
    this.rota = ground.rota(this.name, { base: ground.leads, share: 0.01, minimum: 3, added });
  }

  size(): number {
    return this.rota.total;
  }

  get latestEpoch(): number {
    return this.#ground.calendar.latest;
  }

  handle(_parent: number, position: number): number {
    return position;
  }

  id(_parent: number, position: number): string {
    return this.#ground.seed.id(kind, 0, position);
  }

  place(id: string): Place | undefined {
    return this.#ground.seed.place(kind, id);
  }

  bits(lead: number): number {
    return this.#ground.seed.bits(kind, 0, lead);
  }

  segment(epoch: number): LeadSegment {
    const { rota } = this;
    const { calendar, leads } = this.#ground;
    if (epoch === 0) {
      return {
        epoch,
        length: leads,
        row: (at) => at,
        updated: (at) => this.#before(at),
        created: (at) => this.created(at),
      };
    }
    const length = rota.size(epoch);
    return {
      epoch,
      length,
      row: (at) => rota.at(epoch, at),
      updated: (at) => calendar.change(epoch, at, length),
      created: (at) => this.created(rota.at(epoch, at)),
    };
  }

  /** When an epoch changed or made the lead. */
  changed(epoch: number, lead: number): number {
    return this.#ground.calendar.change(epoch, this.rota.position(epoch, lead), this.rota.size(epoch));
  }

  /** When the lead was last changed. */
  updated(lead: number): number {
    const epoch = this.rota.lastChange(lead);
    return epoch === 0 ? this.#before(lead) : this.changed(epoch, lead);
  }

  /** When the lead had last been changed before any epoch changed it. */
  settled(lead: number): number {
    const birth = this.rota.birth(lead);
    return birth === 0 ? this.#before(lead) : this.changed(birth, lead);
  }

  created(lead: number): number {
    const { born } = this.#ground.calendar;
    const birth = this.rota.birth(lead);
    return birth === 0 ? born + Math.floor((this.#before(lead) - born) * 0.9) : this.changed(birth, lead);
  }

  /** Rises with the number. Some groups of eight came in one import and share their time, as ties for the pages. */
  #before(lead: number): number {
    const group = lead - (lead % 8);
    const imported = this.bits(group) % 16 === 0;
    const row = imported ? group : lead;
    return this.#ground.calendar.past((row + fraction(this.bits(row), 90) * 0.9) / this.#ground.leads);
  }

  /** Suppressed leads are exported only where that is asked for. The lists of the API hold them like any other. */
  suppressed(lead: number): boolean {
    return draw(this.bits(lead), 91) % 33 === 0;
  }

  fullName(lead: number): string | null {
    const bits = this.bits(lead);
    return draw(bits, 12) % 200 === 0 ? null : `${pick(firstNames, bits, 1)} ${pick(lastNames, bits, 2)}`;
  }

  companyName(lead: number): string | null {
    const bits = this.bits(lead);
    const shift = this.rota.changesOf(lead).filter((epoch) => changedField(bits, epoch) === 1).length;
    return draw(bits, 15) % 33 === 0 && shift === 0
      ? null
      : `${pick(companyRoots, bits, 3)} ${pick(companyKinds, bits, 4, shift)}`;
  }

  email(lead: number): string | null {
    const bits = this.bits(lead);
    if (draw(bits, 13) % 50 === 0) return null;
    return `${pick(mailFirst, bits, 1)}.${pick(mailLast, bits, 2)}.${lead.toString(36)}@example.${pick(mailHosts, bits, 5)}`;
  }

  phone(lead: number): string | null {
    if (draw(this.bits(lead), 14) % 12 === 0) return null;
    return `+1555${String((lead * phones.step + phones.start) % phones.modulus).padStart(7, '0')}`;
  }

  /** The lead with this address; undefined where none has it. */
  byEmail(email: string): number | undefined {
    const digits = mailPattern.exec(email)?.[1];
    return digits === undefined
      ? undefined
      : this.#checked(Number.parseInt(digits, 36), (lead) => this.email(lead) === email);
  }

  byPhone(phone: string): number | undefined {
    if (!/^\+1555\d{7}$/.test(phone)) return undefined;
    const scaled = BigInt(phone.slice(5)) - BigInt(phones.start) + BigInt(phones.modulus);
    const lead = Number((scaled * BigInt(phones.back)) % BigInt(phones.modulus));
    return this.#checked(lead, (candidate) => this.phone(candidate) === phone);
  }

  #checked(lead: number, holds: (lead: number) => boolean): number | undefined {
    return lead < this.rota.total && holds(lead) ? lead : undefined;
  }

  row(_parent: number, lead: number): Row {
    const bits = this.bits(lead);
    const changes = this.rota.changesOf(lead).map((epoch) => changedField(bits, epoch));
    const times = (field: number) => (changes.length === 0 ? 0 : changes.filter((changed) => changed === field).length);
    const titleChanges = times(0);
    const moves = times(2);
    return {
      id: this.id(0, lead),
      object: 'lead',
      created_at: iso(this.created(lead)),
      updated_at: iso(this.updated(lead)),
      full_name: this.fullName(lead),
      email: this.email(lead),
      phone: this.phone(lead),
      company_name: this.companyName(lead),
      title: draw(bits, 16) % 20 === 0 && titleChanges === 0 ? null : pick(titles, bits, 6, titleChanges),
      location: draw(bits, 17) % 16 === 0 && moves === 0 ? null : pick(places, bits, 7, moves),
      tags: tagsOf(bits, times(3)),
      is_qualified: qualified(bits, times(4)),
    };
  }
}

/** Which field an epoch changes: 0 title, 1 company, 2 location, 3 tags, 4 qualification. */
function changedField(bits: number, epoch: number): number {
  return draw(bits, 1_000 + epoch) % 5;
}

function tagsOf(bits: number, more: number): string[] {
  const count = Math.min(tags.length, between(0, 3, bits, 8) + more);
  return Array.from({ length: count }, (_, index) => pick(tags, bits, 9, index));
}

function qualified(bits: number, toggles: number): boolean | null {
  const value = draw(bits, 10) % 10;
  if (value === 0 && toggles === 0) return null;
  return value % 2 === 0 ? toggles % 2 === 1 : toggles % 2 === 0;
}
