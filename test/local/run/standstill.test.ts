import { expect, it } from 'vitest';
import { Standstill } from '../../../local/run/standstill.ts';

const second = 1_000;
const depth = (name: string, inFlight: number, delayed = 0) => ({ name, inFlight, delayed });

/**
 * Watches a run for two minutes.
 * @param seen the state of the run at a time; called every 0.1 s
 * @returns the second at which the run is given up as stuck
 */
function givenUpAt(
  seen: (now: number) => { tasks?: number; isWaiting?: boolean; publish?: number; extract?: number; delayed?: number },
): number | undefined {
  const standstill = new Standstill(0);
  for (let now = 0; now <= 120 * second; now += 100) {
    const { tasks = 3, isWaiting = false, publish = 0, extract = 0, delayed = 0 } = seen(now);
    const queues = [depth('extract', extract, delayed), depth('publish', publish, 1)];
    if (standstill.update({ tasks, isWaiting, queues }, now)) return Math.round(now / second);
  }
  return undefined;
}

it('a run in which nothing happens is given up after a minute', () => {
  expect(givenUpAt(() => ({}))).toBe(60);
});

it('the checks of publish, one each second, are no progress', () => {
  expect(givenUpAt((now) => ({ publish: now % second < 500 ? 1 : 0 }))).toBe(60);
});

it('a merge of publish that lasts for minutes is progress', () => {
  expect(givenUpAt(() => ({ publish: 1 }))).toBeUndefined();
});

it.each([
  ['a function that works', () => ({ extract: 1 })],
  ['a message that waits for its turn', () => ({ delayed: 1 })],
  ['a wait that the API asks for', () => ({ isWaiting: true })],
  ['a task that ends', (now: number) => ({ tasks: Math.floor(now / (30 * second)) })],
])('%s is progress', (_, seen) => {
  expect(givenUpAt(seen)).toBeUndefined();
});
