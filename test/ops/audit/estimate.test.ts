import { describe, expect, it } from 'vitest';
import { streams, withParents } from '../../../lambdas/streams/registry.ts';
import { estimateRequests, largestSample, sampleOf, sampleWithin } from '../../../ops/audit/estimate.ts';

const rows = new Map([
  ['leads', 20_000],
  ['lead_messages', 90_000],
  ['lead_activities', 140_000],
]);
const read = withParents(['lead_messages', 'lead_activities']);

describe('the requests that an audit will make', () => {
  it('are some hundreds for 20,000 leads, or all leads and their children with --all', () => {
    expect(estimateRequests(read, rows, [], largestSample)).toBe(201 + 2 * largestSample);
    expect(estimateRequests(read, rows, [], Infinity)).toBe(201 + 2 * 20_000);
  });

  it('fit into the time that is allowed, if the sample is made small enough', () => {
    expect(sampleWithin(601, read, rows, [])).toBe(largestSample);
    expect(sampleWithin(300, read, rows, [])).toBe(30);
    expect(sampleWithin(261, read, rows, [])).toBe(30);
    expect(sampleWithin(260, read, rows, [])).toBe(20);
    // The lists alone take longer than the time allowed, so the smallest sample is used.
    expect(sampleWithin(100, read, rows, [])).toBe(10);
  });

  it('are at least one for each list, even for an empty lake', () => {
    const roots = streams.filter(({ parent }) => !parent);
    expect(estimateRequests(streams, new Map(), [], Infinity)).toBe(roots.length);
  });
});

describe('a sample', () => {
  const ids = Array.from({ length: 1_000 }, (_, index) => `lead ${index}`);

  it('is the same for the same seed, and different for another', () => {
    const one = sampleOf(ids, 100, '2026-11-24');
    expect(sampleOf(ids.toReversed(), 100, '2026-11-24')).toEqual(one);
    expect(new Set(one).intersection(new Set(sampleOf(ids, 100, '2026-11-25'))).size).toBeLessThan(30);
  });

  it('is everything if there are no more rows', () => {
    expect(sampleOf(ids.slice(0, 100), 100, 'any')).toEqual(ids.slice(0, 100));
  });
});
