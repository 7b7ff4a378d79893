import { beforeEach, describe, expect, it } from 'vitest';
import { runTableKey } from '../../../lambdas/contract/object-keys.ts';
import { watch } from '../../../lambdas/core/watch/watch.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { MemoryStore } from '../../support/memory-store.ts';

let clock: FixedClock;
let store: MemoryStore;
let told: Record<string, unknown>[];
let depths: Record<string, number>;
const minute = 60_000;
const hour = 60 * minute;

beforeEach(() => {
  clock = new FixedClock('2026-11-24T03:00:00.000Z');
  store = new MemoryStore();
  told = [];
  depths = {};
});

const queue = (name: string) => ({ waiting: async () => depths[name] ?? 0 });
const settings = {
  expectedHours: 27,
  work: [
    { name: 'extract', hours: 12, queue: queue('extract') },
    { name: 'convert', hours: 1, queue: queue('convert') },
  ],
  deadLetters: [{ name: 'convert', queue: queue('dead') }],
};
const look = () =>
  watch(settings, {
    store,
    clock,
    log: new MemoryLog(),
    announcer: {
      announce: async (event, detail) => {
        if (event === 'needsAttention') told.push({ ...detail });
      },
    },
  });
/** Runs the watch function every ten minutes for this many hours, first at once. */
async function lookFor(hours: number): Promise<void> {
  for (let passed = 0; passed <= hours * hour; passed += 10 * minute) {
    await look();
    clock.advance(10 * minute);
  }
}
const names = () => told.map(({ problem }) => problem);
const endNight = (day: string) => store.put(runTableKey(day, `nightly-${day.replaceAll('-', '')}T020000Z`), 'rows');

describe('the watcher', () => {
  it('reports nothing while nights end and queues are processed', async () => {
    for (const day of ['2026-11-24', '2026-11-25', '2026-11-26']) {
      await endNight(day);
      depths = { convert: 3 };
      await look();
      depths = {};
      await lookFor(24);
    }
    expect(told).toEqual([]);
  });

  it('reports dead letters once, again after a day, and again when new ones come', async () => {
    depths = { dead: 2 };
    await endNight('2026-11-24');
    await lookFor(20);
    expect(told).toEqual([
      { problem: 'DeadLetters', message: 'Work was given up: the dead-letter queue of convert holds 2 messages.' },
    ]);
    await endNight('2026-11-25');
    await lookFor(5);
    expect(names()).toEqual(['DeadLetters', 'DeadLetters']);
    depths = {};
    await look();
    depths = { dead: 1 };
    await look();
    expect(names()).toHaveLength(3);
  });

  it('reports a queue that was not empty for its whole time, but not one that was empty in between', async () => {
    await endNight('2026-11-24');
    depths = { convert: 1, extract: 5 };
    await lookFor(0.8);
    expect(told).toEqual([]);
    await lookFor(1);
    expect(told).toEqual([{ problem: 'WorkWaits', message: expect.stringContaining('in the queue convert since') }]);
    depths = { extract: 5 };
    await look();
    depths = { convert: 1, extract: 5 };
    await lookFor(0.8);
    expect(names()).toEqual(['WorkWaits']);
  });

  it('reports a missing night, counted from its first look or from the end of the last night', async () => {
    await lookFor(26.8);
    expect(told).toEqual([]);
    await lookFor(1);
    expect(names()).toEqual(['RunMissing']);
    await endNight('2026-11-25');
    await look();
    await lookFor(20);
    expect(names()).toEqual(['RunMissing']);
  });

  it('recognizes a night that took days', async () => {
    await endNight('2026-11-24');
    await look();
    clock.advance(26 * hour);
    await endNight('2026-11-25');
    await look();
    clock.advance(26 * hour);
    // The night of the 25th was under way as well, and ends now.
    await store.put(runTableKey('2026-11-25', 'nightly-20261125T140000Z'), 'rows');
    await look();
    clock.advance(26 * hour);
    await look();
    expect(told).toEqual([]);
  });

  it('reports again if it died before it could record its report', async () => {
    depths = { dead: 1 };
    const put = store.put.bind(store);
    store.put = async () => {
      throw new Error('killed');
    };
    await expect(look()).rejects.toThrow('killed');
    store.put = put;
    await look();
    await look();
    expect(names()).toEqual(['DeadLetters', 'DeadLetters']);
  });
});
