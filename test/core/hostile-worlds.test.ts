/** Worlds with one difficulty each, and a proof that the oracle notices a pipeline that follows other rules. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamNamed } from '../../lambdas/streams/registry.ts';
import type { WorldEvent } from '../support/hostile-events.ts';
import { type HostilePlan, hostilePlans, type PlannedNight } from '../support/hostile-plan.ts';
import { type TrialOptions, tryHostileNights } from '../support/hostile-trial.ts';
import { tries } from '../support/tries.ts';

const minute = 60_000;
const long = { timeout: 5 * minute };
const calm: PlannedNight = { before: [], during: [], manners: {}, faults: [], named: [] };

function plan(streams: string[], nights: PlannedNight[], more: Partial<HostilePlan> = {}): HostilePlan {
  return {
    seed: 1,
    leads: 6,
    streams,
    api: { pageSize: 5, maxPageSize: 5 },
    timeoutSeconds: 300,
    inFlight: 4,
    rereadDays: 7,
    childRereadDays: 10,
    settledDays: 7,
    overlap: false,
    oddities: [],
    nights,
    ...more,
  };
}

function happens(kind: WorldEvent['kind'], table: string, more: Partial<WorldEvent> = {}): PlannedNight {
  return { ...calm, before: [{ kind, table, row: 0, other: 1, lagMinutes: undefined, ...more }] };
}

/** A calm night, then nights on which the event happens to a table's rows, one after the other. */
function each(kind: WorldEvent['kind'], table: string, nights: number): PlannedNight[] {
  return [calm, ...Array.from({ length: nights }, (_, row) => happens(kind, table, { row, other: row }))];
}

/** Index of a column among those that an unusual form of a row may change. */
function placeOf(stream: string, column: string): number {
  return Object.keys(streamNamed(stream).columns)
    .filter((name) => name !== 'id')
    .indexOf(column);
}

describe('a world', () => {
  it(
    'whose children appear without a change of their parent and without a hint is current after childRereadDays',
    long,
    async () => {
      const nights = each('a new row below a quiet parent', 'leads', 6);
      const { faults, requests } = await tryHostileNights(plan(['lead_activities', 'lead_messages'], nights));
      expect(faults).toEqual([]);
      // Each of the 19 nights requests the identity, the list, one lead's children per child table, and the leads to
      // reread.
      expect(requests).toBeLessThan(19 * 9);
    },
  );

  it(
    'whose jobs show the time of a change in another form is current every night until they are settled',
    long,
    async () => {
      const nights = [
        calm,
        happens('a time with a space', 'jobs'),
        calm,
        ...Array.from({ length: 3 }, () => happens('a new row below a quiet parent', 'jobs')),
      ];
      const world = plan(['job_events'], nights, { rereadDays: 2 });
      expect((await tryHostileNights(world)).faults).toEqual([]);
    },
  );

  it('whose API gives another lead in place of one that was merged into it is current', long, async () => {
    const merged = { pageSize: 5, maxPageSize: 5, mergedStatus: 200 } as const;
    const mergers = [calm, happens('a merger', 'leads', { row: 0, other: 1 }), calm];
    expect((await tryHostileNights(plan(['lead_messages'], mergers, { api: merged, rereadDays: 2 }))).faults).toEqual(
      [],
    );
  });

  it('whose leads appear three days after their time is current after rereadDays', long, async () => {
    const late = each('a change', 'leads', 4).map((night) => ({
      ...night,
      before: night.before.map((event) => ({ ...event, lagMinutes: 4_400 })),
    }));
    expect((await tryHostileNights(plan(['leads'], late, { childRereadDays: 7 }))).faults).toEqual([]);
  });
});

it(
  'a world whose leads show older times is current, also below leads whose older copy counts later',
  long,
  async () => {
    const below = [0, 1, 2, 3].flatMap((row) => happens('a change', 'lead_messages', { row }).before);
    const older = [0, 1, 2].flatMap((row) => happens('an old time', 'leads', { row }).before);
    const world = plan(['lead_messages'], [calm, { ...calm, before: [...older, ...below] }], {
      leads: 3,
      api: { pageSize: 5, maxPageSize: 5, filterBy: 'written' },
      rereadDays: 3,
      childRereadDays: 3,
    });
    expect((await tryHostileNights(world)).faults).toEqual([]);
  },
);

describe('a world whose children', () => {
  const often = { rereadDays: 2, childRereadDays: 2 };
  const column = placeOf('campaign_run_events', 'type');

  it.each<[string, HostilePlan]>([
    [
      'come in lists that never say whether they go on is current, but for as many lists as the run says',
      plan(['lead_activities'], [calm], {
        api: { pageSize: 1, maxPageSize: 1, unpaged: ['lead_activities'] },
        ...often,
      }),
    ],
    [
      'hold a byte that is not UTF-8 is current',
      plan(['campaign_run_events'], [calm], {
        oddities: [{ form: 'spelling', stream: 'campaign_run_events', column, variant: 2, every: 2 }],
        ...often,
      }),
    ],
  ])('%s', long, async (_, world) => {
    expect((await tryHostileNights(world)).faults).toEqual([]);
  });
});

describe('a world whose API denies all runs of campaigns twice in a night, and', () => {
  const denies = (table: string): PlannedNight => ({ ...calm, manners: { empty: [table] } });

  it.each<[string, PlannedNight]>([
    ['then shows them again', calm],
    ['then shows them without their events', denies('campaign_run_events')],
  ])('%s, is current', long, async (_, night) => {
    const world = plan(['campaign_run_events'], [calm, denies('campaign_runs'), night], { childRereadDays: 3 });
    expect((await tryHostileNights(world)).faults).toEqual([]);
  });
});

describe('a world whose threads name their leads by ids that', () => {
  const column = placeOf('inbox_threads', 'lead_id');

  it.each([
    ['are no ids', 'misfit', 3],
    ['are numbers, or halves of surrogate pairs', 'spelling', 6],
  ] as const)('%s is current', long, async (_, form, variants) => {
    const nights = [calm, happens('a message that only its thread tells of', 'inbox_threads'), calm];
    for (let variant = 0; variant < variants; variant += 1) {
      const oddities = [{ form, stream: 'inbox_threads', column, variant, every: 1 }];
      const world = plan(['inbox_threads', 'lead_messages'], nights, { oddities, rereadDays: 2, childRereadDays: 2 });
      expect((await tryHostileNights(world)).faults, `variant ${variant}`).toEqual([]);
    }
  });
});

describe('a world whose pages shift during the first load', () => {
  /** The event happens at the given request of the night, right before the third page of the list. */
  const shift = (request: number, kind: WorldEvent['kind'], table: string): PlannedNight => ({
    ...calm,
    during: [{ request, event: { kind, table, row: 0, other: 1, lagMinutes: undefined } }],
  });
  const shifting = { pageSize: 3, maxPageSize: 3, cursors: 'offset' } as const;

  it.each<[string, string[], PlannedNight, Partial<HostilePlan>]>([
    ['a list without a filter, by a deletion', ['jobs'], shift(4, 'a deletion', 'jobs'), {}],
    ['the list of leads, by a deletion', ['leads'], shift(4, 'a deletion', 'leads'), { leads: 9 }],
    ['a list by change, by a change', ['leads'], shift(4, 'a change', 'leads'), { leads: 9 }],
  ])('has every row of %s after that night', long, async (_, streams, night, more) => {
    const order = { order: 'usual', ...shifting } as const;
    expect((await tryHostileNights(plan(streams, [night], { api: order, ...more }))).faults).toEqual([]);
  });
});

it('a few plans by seed: npm run test:hostile tries thousands', long, async () => {
  for (const hostile of fc.sample(hostilePlans(3), { seed: 1, numRuns: tries(2, 5) }))
    expect((await tryHostileNights(hostile)).faults, JSON.stringify(hostile)).toEqual([]);
});

describe('the oracle finds a pipeline', () => {
  const quick = { rereadDays: 3, childRereadDays: 3, settledDays: 3 };
  const late = { ...happens('a change', 'leads', { lagMinutes: 1_000 }) };

  const belowSomeLeads = {
    ...calm,
    before: [0, 6, 12, 19].flatMap((row) => happens('a new row below a quiet parent', 'leads', { row }).before),
  };
  // Rows count from 0. The workspace begins with ten jobs, so row 10 is one that was added later.
  const belowNewestJob = happens('a new row below a quiet parent', 'jobs', { row: 10 });

  it.each<[string, TrialOptions['settings'], HostilePlan]>([
    ['that looks back less', { lookbackHours: 0 }, plan(['leads'], [calm, late, calm], quick)],
    ['that rereads lists less often', { rereadDays: 30 }, plan(['leads'], each('an old time', 'leads', 2), quick)],
    [
      'that rereads children less often',
      { childRereadDays: 300 },
      plan(['lead_messages'], [calm, belowSomeLeads], { ...quick, leads: 20 }),
    ],
    [
      'that considers jobs settled too early',
      { settledDays: 0 },
      plan(['job_events'], [calm, happens('a new row', 'jobs'), calm, belowNewestJob, calm], {
        ...quick,
        childRereadDays: 9,
      }),
    ],
  ])('%s', long, async (_, settings, world) => {
    expect((await tryHostileNights(world)).faults).toEqual([]);
    expect((await tryHostileNights(world, { settings })).faults).not.toEqual([]);
  });
});
