import { describe, expect, it } from 'vitest';
import { disturbances } from '../support/crash-invocation.ts';
import { disturb, matrixOf, sample, tryNights } from '../support/crash-trial.ts';

/** Small enough for seconds. Two nights of all streams: `npm run test:crash`. */
const small = { streams: ['lead_messages'], nights: 1 };

describe('nothing is lost, doubled or told wrongly', () => {
  it('where nothing happens, and the oracle agrees with every table', async () => {
    expect((await tryNights({})).faults).toEqual([]);
  });

  it('where a function is killed once, before or after any of its steps', { timeout: 600_000 }, async () => {
    const { points, faults } = await matrixOf(small, ['kill before', 'kill after']);
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(150);
  });

  it('where any step of all streams is disturbed in any way (a sample by seed)', { timeout: 600_000 }, async () => {
    const { steps } = await tryNights({});
    for (const [round, index] of sample(steps, 25, 1).entries()) {
      const verdict = disturbances[round % disturbances.length] ?? 'go';
      expect((await tryNights({ onStep: disturb(index, verdict) })).faults, `${verdict} step ${index}`).toEqual([]);
    }
  });
});
