import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createBudgetShare, type ReaderQueue } from '../../../lambdas/core/api/budget-share.ts';
import { FixedClock } from '../../support/fixed-clock.ts';

/** A function with a budget of 60 requests a minute for two functions, unless more are given. */
function startFunction(functions = 2, others: readonly ReaderQueue[] = []) {
  const clock = new FixedClock('2026-11-24T02:00:00.000Z');
  const seen: { rate: number; looks: number; held: number | Error } = { rate: 60 / functions, looks: 0, held: 0 };
  const share = createBudgetShare({
    limiter: { setShare: (perMinute) => void (seen.rate = perMinute) },
    budget: 60,
    own: {
      functions,
      heldMessages: async () => {
        seen.looks += 1;
        if (seen.held instanceof Error) throw seen.held;
        return seen.held;
      },
    },
    others,
    looksAlone: 2,
    clock,
  });
  /** The rate after each of these numbers of held messages, ten seconds apart. */
  const ratesFor = async (...held: (number | Error)[]) => {
    const rates: number[] = [];
    for (const one of held) {
      clock.advance(10_000);
      seen.held = one;
      share.update();
      await nextTurn();
      rates.push(seen.rate);
    }
    return rates;
  };
  return { clock, seen, share, ratesFor };
}

it('a function that twice finds itself alone takes the whole budget', async () => {
  const { share, ratesFor } = startFunction();
  share.begin(5);
  expect(await ratesFor(5, 5, 5)).toEqual([30, 60, 60]);
});

it('a function gives up what is not its own as soon as another one holds a message', async () => {
  const { share, ratesFor } = startFunction();
  share.begin(2);
  expect(await ratesFor(2, 2, 3, 2, 2)).toEqual([30, 60, 30, 30, 60]);
});

it('a function that cannot find out keeps its own share', async () => {
  const { share, ratesFor } = startFunction();
  share.begin(1);
  expect(await ratesFor(1, new Error('SQS does not answer.'), 1)).toEqual([30, 30, 30]);
});

it('of several functions, each counts every message of others as a function', async () => {
  const { share, ratesFor } = startFunction(4);
  share.begin(5);
  expect(await ratesFor(6, 7, 10, 20)).toEqual([30, 20, 15, 15]);
});

it('an invocation that is soon over never looks, and one that follows at once goes on with what is known', async () => {
  const { clock, seen, share, ratesFor } = startFunction();
  share.begin(1);
  for (let request = 0; request < 9; request += 1) {
    clock.advance(1_000);
    share.update();
  }
  expect(seen.looks).toBe(0);
  expect(await ratesFor(1, 1)).toEqual([30, 60]);
  share.begin(3);
  expect(seen.rate).toBe(60);
  clock.advance(60_000);
  share.begin(3);
  expect(seen.rate).toBe(30);
});

it('a function counts the consumers of another queue too, however many messages each of them holds', async () => {
  let refreshing = 0;
  const { share, ratesFor } = startFunction(2, [{ functions: 2, heldMessages: async () => refreshing }]);
  share.begin(5);
  expect(await ratesFor(5, 5)).toEqual([30, 60]);
  refreshing = 1;
  expect(await ratesFor(5)).toEqual([30]);
  refreshing = 400;
  expect(await ratesFor(5, 9)).toEqual([20, 15]);
});

it('a function that is soon over looks before its first request, and takes what the others leave', async () => {
  let extracting = 0;
  let rate = 30;
  const share = createBudgetShare({
    limiter: { setShare: (perMinute) => void (rate = perMinute) },
    budget: 60,
    own: { functions: 2, heldMessages: async () => 7 },
    others: [{ functions: 2, heldMessages: async () => extracting }],
    looksAlone: 1,
    clock: new FixedClock('2026-11-24T02:00:00.000Z'),
  });
  share.begin(7);
  await share.look();
  expect(rate).toBe(60);
  extracting = 5;
  await share.look();
  expect(rate).toBe(20);
});
