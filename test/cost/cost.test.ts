import { describe, expect, it } from 'vitest';
import { estimateOf } from '../../cost/main.ts';
import { measure } from '../../cost/measure.ts';
import { priceIds, readPrices } from '../../cost/prices.ts';
import { readReference, sizes } from '../../cost/reference.ts';
import { parseWorkspace } from '../../lib/config/config.ts';
import { inProcess } from '../support/in-process.ts';

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

/** A tenth more; for rarely made calls, two more. */
const most = (before: number) => before * 1.1 + 2;

it('no phase makes a tenth more calls than recorded; if intended: npm run cost:record && npm run generate', async () => {
  const { small } = readReference();
  const now = await measure(sizes.small, { startInstance: inProcess });
  const dearer = Object.entries(now.phases).flatMap(([phase, { calls, invocations, apiRequests }]) => {
    const before = small.phases[phase as keyof typeof small.phases];
    const kinds = { ...calls, ...invocations, 'requests to the API': apiRequests };
    const known: Record<string, number> = {
      ...before.calls,
      ...before.invocations,
      'requests to the API': before.apiRequests,
    };
    return Object.entries(kinds)
      .filter(([kind, count]) => count > most(known[kind] ?? 0))
      .map(([kind, count]) => `${phase}: ${kind} rose from ${known[kind] ?? 0} to ${count}`);
  });
  expect(dearer).toEqual([]);
}, 300_000);
