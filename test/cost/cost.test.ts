import { describe, expect, it } from 'vitest';
import { estimateOf } from '../../cost/main.ts';
import { priceIds, readPrices } from '../../cost/prices.ts';
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
});
