import { expect, it } from 'vitest';
import { allPoints, matrixOf } from '../support/crash-matrix.ts';
import { workloads } from '../support/crash-workloads.ts';

it.each(workloads)(
  'nothing is lost, doubled or misreported in $name, whichever step is disturbed in whichever way',
  async (workload) => {
    const { steps, points, faults } = await matrixOf(workload, allPoints, 100);
    process.stdout.write(`${workload.name}: ${steps} steps, ${points} points tried, ${faults.length} faults\n`);
    expect(faults).toEqual([]);
  },
);
