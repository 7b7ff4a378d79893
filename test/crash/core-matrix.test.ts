import { expect, it } from 'vitest';
import type { Step } from '../support/crash-invocation.ts';
import { allPoints, matrixOf } from '../support/crash-matrix.ts';
import { workloads } from '../support/crash-workloads.ts';

/** CRASH_EVERY=40 tries every fortieth point: the whole takes hours. */
const every = Number(process.env['CRASH_EVERY'] ?? 1);
const choose = (steps: readonly Step[]) => allPoints(steps).filter((_, index) => index % every === 0);

it.each(workloads)(
  'nothing is lost, doubled or misreported in $name, whichever step is disturbed in whichever way',
  async (workload) => {
    const { steps, points, faults } = await matrixOf(workload, choose, 100);
    process.stdout.write(`${workload.name}: ${steps} steps, ${points} points tried, ${faults.length} faults\n`);
    expect(faults).toEqual([]);
  },
);
