import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CloudTrials } from '../support/cloud-trial.ts';
import { sample } from '../support/crash-trial.ts';

/** A sample of so many instead of all points, by seed 1. */
const limit = Number(process.env['CRASH_POINTS'] ?? 0);

let trials: CloudTrials;
beforeAll(async () => {
  trials = await CloudTrials.start();
}, 180_000);
afterAll(async () => trials.stop());

describe('on the embedded cloud', () => {
  it('nothing is lost, doubled or told wrongly, whichever call a process is killed at', {
    timeout: 7_200_000,
  }, async () => {
    const all = await trials.points();
    const chosen = limit > 0 ? sample(all.length, limit, 1).flatMap((index) => all[index] ?? []) : all;
    const faults: string[] = [];
    let tried = 0;
    let missed = 0;
    for (const point of chosen) {
      const outcome = await trials.run({ point });
      // A check of the run may come once less than in the run that was counted.
      if (outcome.killed) tried += 1;
      else missed += 1;
      faults.push(...outcome.faults.map((fault) => `${point.when} ${point.label} #${point.occurrence}: ${fault}`));
      if ((tried + missed) % 50 === 0)
        process.stdout.write(`${tried} of ${chosen.length} crash points, ${faults.length} faults\n`);
    }
    process.stdout.write(
      `embedded cloud: ${all.length / 2} steps, ${tried} crash points tried, ${missed} not reached, ${faults.length} faults\n`,
    );
    expect(faults).toEqual([]);
  });
});
