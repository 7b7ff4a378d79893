import { describe, expect, it } from 'vitest';
import { estimateOf } from '../../cost/main.ts';
import { priceIds, readPrices } from '../../cost/prices.ts';
import { readReference, risenCalls } from '../../cost/reference.ts';
import { parseWorkspace } from '../../lib/config/config.ts';

const of = (config = {}, leads?: number) => estimateOf(parseWorkspace({ name: 'main', ...config }), leads);

it.each(priceIds)('the price table says what %s costs, and where AWS publishes it', (id) => {
  const { usd, official } = readPrices()[id];
  expect(usd).toBeGreaterThan(0);
  expect(new URL(official).hostname).toBe('aws.amazon.com');
});

describe('an estimate', () => {
  const base = of();

  it('is lower without webhooks, with one night a week, or for fewer leads', () => {
    const seldom = of({ webhooks: { enabled: false }, schedule: { cron: '0 2 ? * SUN *' } });
    expect(seldom.month).toBeLessThan(base.month);
    expect(of({}, 100).month).toBeLessThan(base.month);
  });

  it('is the sum of its services and the sum of its causes; the free tier reduces it', () => {
    for (const parts of [base.services, base.causes])
      expect(parts.reduce((sum, [, usd]) => sum + usd, 0)).toBeCloseTo(base.month);
    expect(base.lessFreeTier).toBeGreaterThan(0);
    expect(base.lessFreeTier).toBeLessThan(base.month);
  });

  it('is at most $2.50 if nothing happens, and $5 for 100,000 leads, 200 webhooks and 20 queries a day', () => {
    expect(Object.fromEntries(base.causes)['always']).toBeLessThanOrEqual(2.5);
    expect(of({}, 100_000).month).toBeLessThanOrEqual(5);
  });
});

describe('a night that makes more calls than recorded', () => {
  const { phases } = readReference().small;
  const { calls } = phases.night;
  const often = Object.entries(calls).filter(([, count]) => count >= 30);

  it.each(often)('is noticed if it makes a tenth more of %s', (call, count) => {
    const night = { ...phases.night, calls: { ...calls, [call]: Math.ceil(count * 1.1) + 3 } };
    expect(risenCalls(phases, { ...phases, night })).toEqual([expect.stringContaining(`night: ${call} rose`)]);
    expect(risenCalls(phases, phases)).toEqual([]);
  });

  it('is noticed if it makes a new kind of call', () => {
    const night = { ...phases.night, calls: { ...calls, 'dynamodb:PutItem': 3 } };
    expect(risenCalls(phases, { ...phases, night })).toHaveLength(1);
  });
});
