import { describe, expect, it } from 'vitest';
import { disturbances, type Verdict } from '../support/crash-invocation.ts';
import { type Matrix, matrixOf, tryNights } from '../support/crash-trial.ts';
import { tryEvents, tryExport, tryRegistration } from '../support/event-trial.ts';

const pageByPage = { streams: ['lead_messages'], pageSize: 2, deadline: { remainingMilliseconds: () => 1_000 } };
const workloads: [name: string, matrix: (verdicts: readonly Verdict[]) => Promise<Matrix>][] = [
  ['two nights of all streams of the trial', (verdicts) => matrixOf(tryNights, {}, verdicts)],
  ['two nights of leads and their messages, a page a message', (verdicts) => matrixOf(tryNights, pageByPage, verdicts)],
  ['six webhook events and their refreshes', (verdicts) => matrixOf(tryEvents, {}, verdicts)],
  ['an export, its event late', (verdicts) => matrixOf(tryExport, { eventComes: 'late' }, verdicts)],
  ['an export, its event at once', (verdicts) => matrixOf(tryExport, { eventComes: 'at once' }, verdicts)],
  ['a registration, a rotation and a deletion', (verdicts) => matrixOf(tryRegistration, {}, verdicts)],
];

describe('nothing is lost, doubled or told wrongly', () => {
  it.each(workloads)('in %s, whichever step is disturbed in whichever way', async (name, matrix) => {
    const { steps, points, faults } = await matrix(disturbances);
    process.stdout.write(`in memory, ${name}: ${steps} steps, ${points} crash points tried, ${faults.length} faults\n`);
    expect(faults).toEqual([]);
  });
});
