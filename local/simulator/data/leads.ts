import { iso } from './calendar.ts';
import { firstNames, lastNames, mailName } from './people.ts';
import { companyKinds, companyRoots, places, tags, titles } from './words.ts';
import { draw, fraction, pick } from './seed.ts';
import { between, type Id, type Json, type Row, type SeedData, type TableSpec } from './table.ts';

const mailHosts = ['com', 'org', 'net'];
const mailFirst = firstNames.map(mailName);
const mailLast = lastNames.map(mailName);
/** Parameters of a sequence of 7-digit numbers, from which each lead gets a phone number of its own. */
const phones = { modulus: 10_000_000, step: 7_654_321, start: 1_234_567 };

/** Facts about leads that other tables need. A lead is identified by its number. */
export class LeadFacts {
  readonly #seedData: SeedData;

  constructor(seedData: SeedData) {
    this.#seedData = seedData;
  }

  id(lead: number): Id {
    return this.#seedData.id('leads', 0, lead);
  }

  bits(lead: number): number {
    return this.#seedData.bits('leads', 0, lead);
  }

  created(lead: number): number {
    const { workspaceStart } = this.#seedData.calendar;
    return workspaceStart + Math.floor((this.updated(lead) - workspaceStart) * 0.9);
  }

  /**
   * Time of a lead's last change. Rises with the lead's number. One in sixteen groups of eight leads shares one time,
   * as after an import, so that paging has to cope with equal times.
   */
  updated(lead: number): number {
    const group = lead - (lead % 8);
    const isImported = this.bits(group) % 16 === 0;
    const row = isImported ? group : lead;
    return this.#seedData.calendar.past((row + fraction(this.bits(row), 90) * 0.9) / this.#seedData.leads);
  }

  /** Whether a lead is suppressed. Exports leave such leads out unless asked for them; the API's lists include them. */
  isSuppressed(lead: number): boolean {
    return draw(this.bits(lead), 91) % 33 === 0;
  }

  fullName(lead: number): string | null {
    const bits = this.bits(lead);
    return draw(bits, 12) % 200 === 0 ? null : `${pick(firstNames, bits, 1)} ${pick(lastNames, bits, 2)}`;
  }

  companyName(lead: number): string | null {
    const bits = this.bits(lead);
    return draw(bits, 15) % 33 === 0 ? null : `${pick(companyRoots, bits, 3)} ${pick(companyKinds, bits, 4)}`;
  }
}

/** @param hasCustomFields whether leads have fields that the API's document does not name */
export function leadTable({ leads: size }: SeedData, facts: LeadFacts, hasCustomFields: boolean): TableSpec {
  return {
    name: 'leads',
    size: () => size,
    row: ({ position: lead }, bits, id) => ({
      id,
      object: 'lead',
      created_at: iso(facts.created(lead)),
      updated_at: iso(facts.updated(lead)),
      full_name: facts.fullName(lead),
      email: email(lead, bits),
      phone: phone(lead, bits),
      company_name: facts.companyName(lead),
      title: draw(bits, 16) % 20 === 0 ? null : pick(titles, bits, 6),
      location: draw(bits, 17) % 16 === 0 ? null : pick(places, bits, 7),
      tags: Array.from({ length: between(0, 3, bits, 8) }, (_, index) => pick(tags, bits, 9, index)),
      is_qualified: draw(bits, 10) % 10 === 0 ? null : draw(bits, 10) % 2 === 1,
      ...(hasCustomFields ? customFields(bits) : {}),
    }),
  };
}

/** Such as a workspace defines for itself. */
function customFields(bits: number): Row {
  const taxId = draw(bits, 19) % 4 === 0 ? null : `DE${String(draw(bits, 20) % 1_000_000_000).padStart(9, '0')}`;
  return { lead_score: between(0, 100, bits, 18), taxId };
}

function email(lead: number, bits: number): string | null {
  if (draw(bits, 13) % 50 === 0) return null;
  return `${pick(mailFirst, bits, 1)}.${pick(mailLast, bits, 2)}.${lead.toString(36)}@example.${pick(mailHosts, bits, 5)}`;
}

function phone(lead: number, bits: number): string | null {
  if (draw(bits, 14) % 12 === 0) return null;
  return `+1555${String((lead * phones.step + phones.start) % phones.modulus).padStart(7, '0')}`;
}

/** The one field of a lead that changes before a run, with its new value. */
export function changedField(row: Row, bits: number): Row {
  switch (draw(bits, 1) % 5) {
    case 0:
      return { title: next(titles, row['title']) };
    case 1:
      return { company_name: nextCompany(row['company_name'], bits) };
    case 2:
      return { location: next(places, row['location']) };
    case 3:
      return { tags: moreTags(row['tags'], bits) };
    default:
      return { is_qualified: row['is_qualified'] !== true };
  }
}

function next(values: readonly string[], value: Json | undefined): string | null {
  return values[(values.findIndex((each) => each === value) + 1) % values.length] ?? null;
}

/** A new company name. Its last part differs from the old name's, so that the row always changes. */
function nextCompany(given: Json | undefined, bits: number): string {
  const kind = companyKinds.find((each) => String(given).endsWith(each));
  return `${pick(companyRoots, bits, 2)} ${next(companyKinds, kind)}`;
}

function moreTags(given: Json | undefined, bits: number): Json {
  const old = tags.filter((tag) => Array.isArray(given) && given.includes(tag));
  const more = tags.filter((tag) => !old.includes(tag));
  return more.length === 0 ? [] : [...old, pick(more, bits, 4)];
}
