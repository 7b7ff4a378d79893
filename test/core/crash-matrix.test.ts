import { describe, expect, it } from 'vitest';
import { matrixOf, pointsAt } from '../support/crash-matrix.ts';
import { workloads } from '../support/crash-workloads.ts';

/**
 * Disturbs, in every way, the steps that match the environment variable CRASH_STEPS. Only the mutation run includes
 * this suite, and sets the variable. `npm run test:crash` disturbs every step.
 */
const choose = pointsAt(new RegExp(process.env['CRASH_STEPS'] ?? '.'));

describe('nothing is lost, doubled or misreported', () => {
  it.each(workloads)('in $name, if a step is disturbed', { timeout: 600_000 }, async (workload) => {
    expect((await matrixOf(workload, choose, 1)).faults).toEqual([]);
  });
});
