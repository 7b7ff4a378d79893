import { describe, expect, it } from 'vitest';
import { compactedDate } from '../../../lambdas/contract/object-keys.ts';
import { runIdOf } from '../../../lambdas/core/runs/run-ids.ts';
import { CrashCloud } from '../../support/crash-cloud.ts';
import type { Step, Verdict } from '../../support/crash-invocation.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { faultsOf } from '../../support/lake-oracle.ts';
import { rowsOf } from '../../support/lake-reader.ts';
import { SimulatedWorkspace } from '../../support/workspace-api.ts';

const day = 86_400_000;
const firstNight = Date.parse('2026-03-01T02:00:00.000Z');

/**
 * Nights of a workspace that changes. Forty days after the first ones, of which S3 has expired the runs by
 * then, comes a night that compacts, under the given disturbance, and one more.
 */
async function nightsWithCompaction(onCompaction: (step: Step) => Verdict = () => 'go') {
  const clock = new FixedClock(new Date(firstNight).toISOString());
  const api = new SimulatedWorkspace(3, clock);
  let isDisturbed = false;
  const steps: Step[] = [];
  const cloud = new CrashCloud({
    streams: ['leads', 'identity'],
    pageSize: 50,
    deadline: { remainingMilliseconds: () => 300_000 },
    onStep(step) {
      if (!isDisturbed || !isOfCompaction(step)) return 'go';
      steps.push({ ...step, index: steps.length });
      return onCompaction({ ...step, index: steps.length - 1 });
    },
    clock,
    api,
  });
  let runId = '';
  const night = async (at: number) => {
    clock.advance(firstNight + at * day - clock.now().getTime());
    if (at > 0) api.workspace.advance(clock.now());
    runId = runIdOf('nightly', clock.now());
    cloud.invoke('plan', { scheduledAt: clock.now().toISOString() });
    await cloud.settle();
  };
  for (const at of [0, 0.2]) await night(at);
  const history = await historyOf(cloud);
  for (const key of cloud.store.keys('runs/')) await cloud.store.delete(key);
  isDisturbed = true;
  await night(40);
  const faults = await faultsOf(cloud.store, cloud.streams, [runId], (table) => api.rows(table));
  isDisturbed = false;
  await night(41);
  faults.push(...(await faultsOf(cloud.store, cloud.streams, [runId], (table) => api.rows(table))));
  const left = new Set(await historyOf(cloud));
  if (!history.every((row) => left.has(row))) faults.push('a version that was there is lost');
  return { faults: [...faults, ...cloud.errors], steps, files: cloud.store.keys('') };
}

const isOfCompaction = ({ functionName, operation, resource }: Step) =>
  functionName === 'publish' &&
  (resource.startsWith('state/compaction') || (resource.startsWith('lake/') && operation !== 'list')) &&
  !/dt=2026-04/.test(resource);

async function historyOf(cloud: CrashCloud): Promise<string[]> {
  const rows = await Promise.all(cloud.streams.map(({ name }) => rowsOf(cloud.store, name)));
  return rows
    .flat()
    .map((row) => JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)));
}

describe('a night that compacts the partition of nights long ago', () => {
  it('leaves one file of it in each table, every version, and the current state whole', async () => {
    const { faults, files } = await nightsWithCompaction();
    expect(faults).toEqual([]);
    const ofThatDay = files.filter((key) => key.includes('dt=2026-03-01/'));
    expect(ofThatDay).toHaveLength(3);
    expect(ofThatDay.filter((key) => compactedDate(key) === undefined)).toEqual([]);
    expect(files.filter((key) => key.startsWith('state/'))).toEqual(['state/pipeline.json']);
  });

  it('leaves the same where publish is killed before or after any step of it, once another night has come', async () => {
    const whole = await nightsWithCompaction();
    expect(whole.steps.length).toBeGreaterThan(20);
    for (const { index, operation, resource } of whole.steps) {
      for (const verdict of ['kill before', 'kill after'] as const) {
        const { faults, files } = await nightsWithCompaction((step) => (step.index === index ? verdict : 'go'));
        expect(faults, `${verdict} ${operation} ${resource}`).toEqual([]);
        expect(files, `${verdict} ${operation} ${resource}`).toEqual(whole.files);
      }
    }
  });
});
