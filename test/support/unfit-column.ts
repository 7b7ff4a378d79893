import type { UnfitColumn } from '../../lambdas/contract/unfit-columns.ts';

/** A column of times in which a run found only numbers. */
export const unfitColumn: UnfitColumn = {
  table: 'jobs',
  column: 'created_at',
  type: 'timestamp',
  values: 3,
  unfit: 3,
  given: ['number'],
  shape: '9',
};
