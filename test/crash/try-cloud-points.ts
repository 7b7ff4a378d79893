import { expect } from 'vitest';
import { CloudTrials } from '../support/cloud-trial.ts';
import type { CloudWorkload } from '../support/cloud-workloads.ts';
import { sample } from '../support/crash-matrix.ts';

/** Number of points to sample, by seed 1; 0 tries all of them. */
const limit = Number(process.env['CRASH_POINTS'] ?? 0);
const pointsATold = 50;

/** Kills a process before and after each call of a workload, and expects no faults afterwards. */
export async function tryCloudPoints(workload: CloudWorkload): Promise<void> {
  const say = (text: string) => process.stdout.write(`embedded cloud, ${workload.name}: ${text}\n`);
  const trials = await CloudTrials.start(workload);
  try {
    const all = await trials.points();
    const chosen = limit > 0 ? sample(all.length, limit, 1).flatMap((index) => all[index] ?? []) : all;
    const faults: string[] = [];
    let tried = 0;
    let missed = 0;
    for (const point of chosen) {
      const outcome = await trials.run({ point });
      // A point can be missed: publish may check the run once less than in the counted run.
      if (outcome.killed) tried += 1;
      else missed += 1;
      for (const fault of outcome.faults) {
        faults.push(`${point.when} ${point.label} #${point.occurrence}: ${fault}`);
        say(`FAULT ${faults.at(-1)}`);
      }
      if ((tried + missed) % pointsATold === 0) say(`${tried} of ${chosen.length} crash points`);
    }
    say(`${all.length / 2} steps, ${tried} crash points tried, ${missed} not reached, ${faults.length} faults`);
    expect(faults).toEqual([]);
  } finally {
    await trials.stop();
  }
}
