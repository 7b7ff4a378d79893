import fc from 'fast-check';
import { streamNamed, streams, withParents } from '../../lambdas/streams/registry.ts';
import { timeForms } from '../../local/simulator/instant.ts';
import { orders } from '../../local/simulator/listing.ts';
import { charsets, type SimulatorOptions, type SimulatorSettings } from '../../local/simulator/options.ts';
import { targetNames } from './hostile-api.ts';
import { eventKinds, type WorldEvent } from './hostile-events.ts';
import { type KindName, kindNames, type PlannedFault } from './hostile-faults.ts';
import { formNames } from './odd-forms.ts';
import type { Oddity } from './odd-rows.ts';

/** How the API answers in one night. */
type Manners = Partial<
  Pick<SimulatorSettings, 'strayIds' | 'strayChildren' | 'strayPages' | 'empty' | 'half' | 'erring' | 'lagMinutes'>
>;

export interface PlannedNight {
  /** Changes on the day before the night. */
  readonly before: readonly WorldEvent[];
  /** Changes during the night, each before the request with this number. */
  readonly during: readonly { readonly request: number; readonly event: WorldEvent }[];
  readonly manners: Manners;
  readonly faults: readonly PlannedFault[];
  /** Indexes of leads that webhook events name after the night. */
  readonly named: readonly number[];
}

/** Everything that determines a trial. */
export interface HostilePlan {
  readonly seed: number;
  readonly leads: number;
  /** Streams to read; their parents are read too. */
  readonly streams: readonly string[];
  readonly api: SimulatorOptions;
  readonly timeoutSeconds: number;
  readonly inFlight: number;
  readonly rereadDays: number;
  readonly childRereadDays: number;
  readonly settledDays: number;
  /** Whether each page begins with the last row of the previous page. */
  readonly overlap: boolean;
  readonly oddities: readonly Oddity[];
  readonly nights: readonly PlannedNight[];
}

/** Random plans. Draws the streams first, so that faults, events and odd rows affect streams that are read. */
export function hostilePlans(nights = 5): fc.Arbitrary<HostilePlan> {
  const chosen = fc.uniqueArray(fc.constantFrom(...streams.map(({ name }) => name)), { minLength: 1, maxLength: 3 });
  return chosen.chain((names) => {
    const wanted = withParents(names).map(({ name }) => name);
    return fc.record<HostilePlan>({
      seed: fc.nat(),
      leads: fc.integer({ min: 1, max: 6 }),
      streams: fc.constant(names),
      api: apis(wanted),
      timeoutSeconds: fc.constantFrom(26, 40, 120, 300),
      inFlight: fc.constantFrom(1, 1, 4),
      rereadDays: fc.constantFrom(2, 3, 5),
      childRereadDays: fc.constantFrom(2, 3, 6),
      settledDays: fc.constantFrom(1, 3, 7),
      overlap: fc.boolean(),
      oddities: fc.array(oddities(wanted), { maxLength: 3 }),
      nights: fc.array(plannedNights(wanted), { minLength: 1, maxLength: nights }),
    });
  });
}

function apis(wanted: readonly string[]): fc.Arbitrary<SimulatorOptions> {
  const often = <T>(usual: T, ...others: T[]) => fc.constantFrom(usual, usual, ...others);
  return (
    fc
      .record<SimulatorOptions>({
        pageSize: fc.integer({ min: 1, max: 5 }),
        maxPageSize: fc.integer({ min: 1, max: 5 }),
        order: often('usual', ...orders),
        cursors: often('keyset', 'offset'),
        filterUnit: often('millisecond', 'second'),
        filterBy: often('shown', 'written'),
        afterInclusive: fc.boolean(),
        emptyPages: often(0, 0, 0, 1, 30),
        // Only lists with a limit parameter come without pagination. Without the parameter, a reader could not tell
        // whether a list was cut.
        unpaged: fc.oneof(
          fc.constant([]),
          fc.subarray(
            wanted.filter((name) => streamNamed(name).limit),
            { minLength: 0 },
          ),
        ),
        mergedStatus: often(301, 404, 200),
        timeForm: often('iso', ...timeForms),
        charset: often('utf-8', ...charsets),
        numericIds: often(false, true),
        importErrorsPerRow: often(1, 2, 3),
      })
      // Thirty empty pages before each of hundreds of small ones would take most of the time of all plans.
      .map((api) => (api.emptyPages === 30 ? { ...api, pageSize: 20, maxPageSize: 20 } : api))
      // A list without pagination may not be cut below the limit of the request: a reader could not tell that it was
      // cut.
      .map((api) =>
        api.unpaged?.length ? { ...api, maxPageSize: Math.max(api.pageSize ?? 1, api.maxPageSize ?? 1) } : api,
      )
  );
}

function plannedNights(wanted: readonly string[]): fc.Arbitrary<PlannedNight> {
  const event = events(wanted);
  const tables = fc.oneof(
    fc.constant([]),
    fc.constant([]),
    fc.uniqueArray(fc.constantFrom(...wanted), { maxLength: 1 }),
  );
  const share = fc.constantFrom(0, 0, 0, 0.1, 0.5);
  return fc.record<PlannedNight>({
    before: fc.array(event, { maxLength: 4 }),
    during: fc.array(fc.record({ request: fc.integer({ min: 1, max: 60 }), event }), { maxLength: 2 }),
    manners: fc.record({
      strayIds: share,
      strayChildren: share,
      strayPages: share,
      empty: tables,
      half: tables,
      erring: tables,
      lagMinutes: fc.constantFrom(0, 0, 0, 20, 90, 600),
    }),
    faults: fc.oneof(fc.constant([]), fc.array(faults(wanted), { maxLength: 3 })),
    named: fc.array(fc.nat({ max: 9 }), { maxLength: 1 }),
  });
}

function events(wanted: readonly string[]): fc.Arbitrary<WorldEvent> {
  return fc.record<WorldEvent>({
    kind: fc.constantFrom(...eventKinds),
    table: fc.constantFrom(...wanted, 'leads'),
    row: fc.nat({ max: 20 }),
    other: fc.nat({ max: 20 }),
    lagMinutes: fc.option(fc.constantFrom(0, 5, 90, 1_300, 4_000), { nil: undefined }),
  });
}

function faults(wanted: readonly string[]): fc.Arbitrary<PlannedFault> {
  const aim = fc.constantFrom(...wanted, ...(wanted.includes('exports') ? ['exports detail'] : []), 'identity');
  return (
    fc
      .record<PlannedFault>({
        kind: fc.constantFrom(...kindNames),
        target: fc.oneof({ weight: 9, arbitrary: aim }, { weight: 1, arbitrary: fc.constantFrom(...targetNames) }),
        after: fc.constantFrom(0, 0, 0, 1, 2, 4),
        times: fc.constantFrom(1, 1, 2, 3, 6, 25, 60, null),
        share: fc.constantFrom(10, 10, 5, 2),
      })
      // A 404 for an export's detail is not a failure: the detail columns are null, and no row is missing.
      .filter((fault) => fault.kind !== '404' || fault.target !== 'exports detail')
      // If rows have no id, a repeated page cannot be told from further rows, unless the page repeats for ever.
      .filter((fault) => !repeating.has(fault.kind) || !isNumbered(fault.target) || isForEver(fault))
  );
}

const repeating: ReadonlySet<KindName> = new Set(['same page', 'endless']);

function isNumbered(target: string): boolean {
  return streams.some(({ name, numbered }) => name === target && numbered !== undefined);
}

function isForEver({ times, share }: PlannedFault): boolean {
  return times === null && share === 10;
}

function oddities(wanted: readonly string[]): fc.Arbitrary<Oddity> {
  return fc.record<Oddity>({
    form: fc.constantFrom(...formNames),
    stream: fc.constantFrom(...wanted),
    column: fc.nat({ max: 20 }),
    variant: fc.nat({ max: 20 }),
    every: fc.constantFrom(1, 2, 3),
  });
}
