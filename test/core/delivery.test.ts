import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tryNights } from '../support/crash-trial.ts';
import { type Chaos, chaoticTrial } from '../support/delivery-trial.ts';
import { tries } from '../support/tries.ts';

const calm: Chaos = {
  seed: 1,
  concurrency: 1,
  copies: 1,
  delaySeconds: 0,
  latePercent: 0,
  skewMinutes: 0,
  killsPerThousand: 0,
  shortPercent: 0,
  fires: 1,
  backfill: false,
};
const small = { streams: ['lead_messages', 'exports'], pageSize: 2 };
const runs = Number(process.env['DELIVERY_RUNS'] ?? tries(6, 25));
const seeds = tries(1, 3);

describe('nothing is lost, doubled or misreported', () => {
  it.each<[string, Partial<Chaos>]>([
    ['every message comes twice', { copies: 2 }],
    ['messages come in any order and late', { delaySeconds: 3_600, concurrency: 3 }],
    ['every message comes again long after its run was published', { latePercent: 100 }],
    ['a backfill runs beside the nightly run', { backfill: true, concurrency: 4 }],
    ['the schedule fires twice at once', { fires: 2, concurrency: 4 }],
    ['two functions work on a task at once, in different steps', { copies: 2, concurrency: 6, shortPercent: 50 }],
    ['clocks are off by minutes', { skewMinutes: 4, concurrency: 2 }],
  ])('if %s', async (_, chaos) => {
    for (let seed = 1; seed <= seeds; seed += 1)
      expect((await tryNights(chaoticTrial({ ...calm, ...chaos, seed }, small))).faults, `seed ${seed}`).toEqual([]);
  });

  it('if all of it happens at once', { timeout: 600_000 }, async () => {
    const chaos = fc.record<Chaos>({
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      concurrency: fc.integer({ min: 1, max: 6 }),
      copies: fc.integer({ min: 1, max: 3 }),
      delaySeconds: fc.constantFrom(0, 5, 600),
      latePercent: fc.constantFrom(0, 5, 50),
      skewMinutes: fc.constantFrom(0, 0, 4),
      killsPerThousand: fc.constantFrom(0, 5, 30),
      shortPercent: fc.constantFrom(0, 30),
      fires: fc.integer({ min: 1, max: 3 }),
      backfill: fc.boolean(),
    });
    const property = fc.asyncProperty(chaos, async (one) => {
      expect((await tryNights(chaoticTrial(one, small))).faults).toEqual([]);
    });
    await fc.assert(property, { numRuns: runs, seed: Number(process.env['DELIVERY_SEED'] ?? 1) });
  });
});
