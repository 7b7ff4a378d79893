import { describe, expect, it } from 'vitest';
import type { ConvertReceipt, ExtractReceipt, Selection } from '../../../lambdas/contract/run.ts';
import type { TaskNode } from '../../../lambdas/core/publish/run-tree.ts';
import { scopesRead } from '../../../lambdas/core/publish/scopes.ts';
import { receiptOf } from '../../support/extract-receipt.ts';

const askedAt = '2026-11-24T02:00:01.000Z';

const read = receiptOf('jobs', askedAt, { chunks: [2, 1], rows: 3 });
const converted = (sequence: number, more: Partial<ConvertReceipt> = {}): ConvertReceipt => ({
  taskId: 'jobs.0',
  stream: 'jobs',
  sequence,
  status: 'done',
  rowsIn: 2,
  rowsOut: 2,
  rowsRejected: 0,
  files: [],
  error: null,
  finishedAt: askedAt,
  ...more,
});

/** A task with two chunks. */
function node(
  receipt: Partial<ExtractReceipt>,
  conversions: readonly (ConvertReceipt | undefined)[],
  selection: Selection = { kind: 'list' },
): TaskNode {
  return {
    task: { taskId: 'jobs.0', stream: 'jobs', selection },
    receipt: { ...read, ...receipt },
    chunks: conversions.map((one, sequence) => ({ id: `jobs.0-${sequence}`, sequence, rows: 2, receipt: one })),
  };
}

describe('a reading says which rows there are, so that others can be missing,', () => {
  it('if its list was read to the end and every row of it was converted', () => {
    expect(scopesRead([node({}, [converted(0), converted(1)])])).toEqual([{ kind: 'list', taskId: 'jobs.0', askedAt }]);
  });

  it.each([
    ['a chunk is not converted yet', node({}, [converted(0), undefined])],
    ['the conversion of a chunk failed', node({}, [converted(0), converted(1, { status: 'failed' })])],
    ['a row was rejected', node({}, [converted(0), converted(1, { rowsRejected: 1 })])],
    ['it stopped before the end', node({ status: 'stopped' }, [converted(0), converted(1)])],
    ['it failed', node({ status: 'failed' }, [converted(0), converted(1)])],
    ['it read a window of time', node({}, [converted(0)], { kind: 'list', window: { after: askedAt } })],
    [
      'it began in the middle of the list',
      node({}, [converted(0)], { kind: 'list', resume: { cursor: 'later', pages: 3 } }),
    ],
  ])('but not if %s', (_, task) => {
    expect(scopesRead([task])).toEqual([]);
  });

  it.each([
    ['is not converted yet', undefined],
    ['was rejected', converted(0, { rowsRejected: 1 })],
  ])('nor for children or single rows if a row of them %s', (_, conversion) => {
    const children: Selection = { kind: 'children', parents: ['p'] };
    expect(scopesRead([node({}, [conversion], children), node({}, [conversion], { kind: 'ids', ids: ['i'] })])).toEqual(
      [],
    );
  });
});
