/** Rules of the oracle, which says what the lake must show. */

import { describe, expect, it } from 'vitest';
import { hasSameContent } from '../../../local/simulator/truth/content.ts';
import { guaranteedSince } from '../../../local/simulator/truth/rota.ts';
import { jobs } from '../../../lambdas/streams/jobs.ts';

const day = 86_400_000;
const nights = (count: number, isTrustworthy: (night: number) => boolean = () => true) =>
  Array.from({ length: count }, (_, night) => ({
    startedAt: night * day,
    isTrustworthy: isTrustworthy(night),
    mustRunIfDue: true,
  }));

describe('work that is done at least once in three days, at an unknown time', () => {
  it('was surely done on the first night, and after that within two days', () => {
    expect(guaranteedSince(nights(7), 3).map((at) => at / day)).toEqual([0, 0, 0, 1, 2, 3, 4]);
  });

  it('may have been done only on the night whose answer does not count', () => {
    const counted = guaranteedSince(
      nights(6, (night) => night !== 2),
      3,
    );
    // Night 4 gives 0: the work may have been done on night 2, whose answer does not count, and before that only on
    // night 0.
    expect(counted.map((at) => at / day)).toEqual([0, 0, 0, 0, 0, 3]);
  });

  it('is not due on a night that need not do it', () => {
    const [first, ...others] = nights(5);
    const free = others.map((night) => ({ ...night, mustRunIfDue: false }));
    expect(guaranteedSince(first ? [first, ...free] : [], 3)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('a row of a current table', () => {
  const shown = {
    id: 'j1',
    object: 'job',
    updated_at: '2026-11-24 02:00:00',
    progress: 0.5,
    result: { n: [1] },
    error: undefined,
    x_new: { a: 1 },
  };
  const current = {
    id: 'j1',
    object: 'job',
    updated_at: new Date('2026-11-24T02:00:00Z'),
    progress: 0.5,
    result: '{"n":[1]}',
    error: null,
    _extra: '{"x_new":{"a":1}}',
  };

  it.each<[string, object]>([
    ['has each field in its column, and the others in _extra', current],
    [
      'has a value that does not fit its column in _extra',
      { ...current, updated_at: null, _extra: '{"x_new":{"a":1},"updated_at":"2026-11-24 02:00:00"}' },
    ],
  ])('%s', (_, row) => {
    expect(hasSameContent(jobs, { ...row }, shown)).toBe(true);
  });

  it.each<[string, object]>([
    ['lacks a field', { ...current, progress: null }],
    ['has another time', { ...current, updated_at: new Date('2026-11-24T03:00:00Z') }],
    ['lacks a field that is not declared', { ...current, _extra: null }],
    ['has a field that is not shown', { ...current, _extra: '{"x_new":{"a":1},"y":2}' }],
    ['has a value where none is shown', { ...current, error: '{}' }],
    ['is another', { ...current, id: 'j2' }],
  ])('says something else if it %s', (_, row) => {
    expect(hasSameContent(jobs, { ...row }, shown)).toBe(false);
  });
});
