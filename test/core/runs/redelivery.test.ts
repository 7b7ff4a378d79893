import { expect, it } from 'vitest';
import { redeliveryDelaySeconds } from '../../../lambdas/core/runs/redelivery.ts';

it('doubles the wait of a failed message with each receive, up to a quarter of an hour', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 5_000].map((receives) => redeliveryDelaySeconds(receives, 30))).toEqual([
    30, 60, 120, 240, 480, 900, 900, 900,
  ]);
});
