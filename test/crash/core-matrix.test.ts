import { describe, expect, it } from 'vitest';
import { disturbances } from '../support/crash-invocation.ts';
import { matrixOf } from '../support/crash-trial.ts';

const workloads = [
  { name: 'two nights of all streams of the trial', trial: {} },
  {
    name: 'two nights of leads and their messages, a page a message',
    trial: { streams: ['lead_messages'], pageSize: 2, deadline: { remainingMilliseconds: () => 1_000 } },
  },
];

describe('nothing is lost, doubled or told wrongly', () => {
  it.each(workloads)(
    'in $name, whichever step is disturbed in whichever way',
    { timeout: 3_600_000 },
    async (workload) => {
      const { steps, points, faults } = await matrixOf(workload.trial, disturbances);
      process.stdout.write(`${workload.name}: ${steps} steps, ${points} crash points tried, ${faults.length} faults\n`);
      expect(faults).toEqual([]);
    },
  );
});
