import { describe, expect, it } from 'vitest';
import { matrixOf, pointsByTurn } from '../support/crash-matrix.ts';
import { workloads } from '../support/crash-workloads.ts';

/** Disturbs each kind of step once, in one way. `npm run test:crash` disturbs every step in every way. */
describe('nothing is lost, doubled or misreported', () => {
  it.each(workloads)('in $name, if a step is disturbed', { timeout: 600_000 }, async (workload) => {
    const { points, faults } = await matrixOf(workload, pointsByTurn, 1);
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(10);
  });
});
