import { describe, expect, it } from 'vitest';
import { disturbances, type Step } from '../support/crash-invocation.ts';
import { disturb, matrixOf, sample, tryNights } from '../support/crash-trial.ts';
import { tryEvents, tryExport, tryRegistration } from '../support/event-trial.ts';

/** Small enough for seconds. Every step of more and larger workloads: `npm run test:crash`. */
const small = { streams: ['lead_messages'], nights: 1 };
/** What follows is tried with the nights. */
const isOfEvents = ({ functionName }: Step) => !['plan', 'extract', 'convert', 'publish'].includes(functionName);
const long = { timeout: 600_000 };

describe('nothing is lost, doubled or told wrongly', () => {
  it('where nothing happens, and the oracle agrees with every table', async () => {
    expect((await tryNights({})).faults).toEqual([]);
  });

  it('where a function is killed once, before or after any of its steps', long, async () => {
    const { points, faults } = await matrixOf(tryNights, small, ['kill before', 'kill after']);
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(150);
  });

  it('where any step of all streams is disturbed in any way (a sample by seed)', long, async () => {
    const { steps } = await tryNights({});
    for (const [round, index] of sample(steps, 25, 1).entries()) {
      const verdict = disturbances[round % disturbances.length] ?? 'go';
      expect((await tryNights({ onStep: disturb(index, verdict) })).faults, `${verdict} step ${index}`).toEqual([]);
    }
  });

  it('where an event is refreshed or reconciled, and the function is killed once', long, async () => {
    const isLater = (step: Step) => isOfEvents(step) && step.functionName !== 'webhook';
    const { points, faults } = await matrixOf(tryEvents, {}, ['kill after'], isLater);
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(20);
  });

  it('where a delivery is taken, and the function is killed before it has done something', long, async () => {
    const isTaking = ({ functionName }: Step) => functionName === 'webhook';
    const { points, faults } = await matrixOf(tryEvents, {}, ['kill before'], isTaking);
    expect(faults).toEqual([]);
    expect(points).toBe(10);
  });

  it('where an export is followed, loaded and swept, and the function is killed once', long, async () => {
    const isExport = ({ functionName }: Step) => functionName === 'export';
    const { faults } = await matrixOf(tryExport, { eventComes: 'late' }, ['kill after'], isExport);
    expect(faults).toEqual([]);
  });

  it('where the event about an export overtakes the function that asked for it', long, async () => {
    const isStart = ({ index }: Step) => index < 12;
    const { faults } = await matrixOf(tryExport, { eventComes: 'at once' }, ['kill before', 'kill after'], isStart);
    expect(faults).toEqual([]);
  });

  it(
    'where the webhook endpoint is registered, rotated and deleted, and a step of that is disturbed',
    long,
    async () => {
      const isRegister = ({ functionName }: Step) => functionName === 'register';
      const { points, faults } = await matrixOf(tryRegistration, {}, disturbances, isRegister);
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(50);
    },
  );
});
