/** A sample of the points that `npm run test:crash` tries: in memory every sixtieth, on the embedded cloud three. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudPoint, CloudTrials } from '../support/cloud-trial.ts';
import { oneNight } from '../support/cloud-workloads.ts';
import { matrixOf, pointsEvery, sample } from '../support/crash-matrix.ts';
import { workloads } from '../support/crash-workloads.ts';

let trials: CloudTrials;
let points: CloudPoint[];
beforeAll(async () => {
  trials = await CloudTrials.start(oneNight);
  points = await trials.points();
});
afterAll(async () => trials.stop());

describe('on the embedded cloud nothing is lost, doubled or misreported', () => {
  it('if a process is killed at a call', async () => {
    for (const index of sample(points.length, 3, 2)) {
      const point = points[index];
      if (!point) throw new RangeError('The sample is of points that are not there.');
      expect((await trials.run({ point })).faults, JSON.stringify(point)).toEqual([]);
    }
  });

  it('if the schedule fires twice, and every message comes twice, the second time late', async () => {
    const deliver = ({ delaySeconds }: { delaySeconds: number }) => [delaySeconds, delaySeconds + 0.2];
    expect((await trials.run({ deliver, fires: 2 })).faults).toEqual([]);
  });
});

describe('in memory nothing is lost, doubled or misreported', () => {
  it.each(workloads)('in $name, at a sample of the steps', async (workload) => {
    const { points, faults } = await matrixOf(workload, pointsEvery(60), 10);
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(5);
  });
});
