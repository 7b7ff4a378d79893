import { expect, it } from 'vitest';
import { matrixOf, pointsEvery } from '../support/crash-matrix.ts';
import { workloads } from '../support/crash-workloads.ts';

/** CRASH_EVERY=40 tries every fortieth point, because trying all of them takes hours. */
const choose = pointsEvery(Number(process.env['CRASH_EVERY'] ?? 1));

it.each(workloads)(
  'nothing is lost, doubled or misreported in $name, whichever step is disturbed in whichever way',
  async (workload) => {
    const { steps, points, faults } = await matrixOf(workload, choose, 100);
    process.stdout.write(`${workload.name}: ${steps} steps, ${points} points tried, ${faults.length} faults\n`);
    expect(faults).toEqual([]);
  },
);
