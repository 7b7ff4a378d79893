import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostilePlans } from '../support/hostile-plan.ts';
import { tryHostileNights } from '../support/hostile-trial.ts';

const runs = Number(process.env['HOSTILE_RUNS'] ?? 10);
const seed = Number(process.env['HOSTILE_SEED'] ?? 1);
const ways = [
  ['without sockets', 'memory', runs],
  ['over sockets', 'sockets', Math.ceil(runs / 10)],
] as const;

describe('against an API that misbehaves as a plan says, what is current after each night is what the oracle says', () => {
  // A failure prints the seed and the smallest failing plan; HOSTILE_SEED repeats the same plans.
  it.each(ways)('%s', { timeout: 7_200_000 }, async (_, over, numRuns) => {
    const endings = new Map<string, number>();
    let [nights, requests, affected] = [0, 0, 0];
    const startedAt = performance.now();
    const property = fc.asyncProperty(hostilePlans(), async (plan) => {
      const outcome = await tryHostileNights(plan, { over });
      for (const status of outcome.statuses) endings.set(status, (endings.get(status) ?? 0) + 1);
      nights += outcome.nights;
      requests += outcome.requests;
      affected += outcome.affected;
      expect(outcome.faults).toEqual([]);
    });
    await fc.assert(property, { numRuns, seed });
    if (process.env['HOSTILE_RUNS'] === undefined) return;
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    const told = [...endings].map(([status, count]) => `${count} ${status}`).join(', ');
    process.stdout.write(
      `${numRuns} plans by seed ${seed} over ${over} in ${seconds} s: ${nights} nights, ${requests} requests, ${affected} of them affected; hostile nights: ${told}\n`,
    );
  });
});
