import { expect, it } from 'vitest';
import type { ExtractReceipt } from '../../../lambdas/contract/run.ts';
import { taskErrors } from '../../../lambdas/core/publish/item-failures.ts';

const error = { code: 'row_count_mismatch', message: 'The file is short.', requestId: null };
const receipt: ExtractReceipt = {
  taskId: 'lead_exports.0',
  stream: 'lead_exports',
  status: 'failed',
  chunks: [19],
  rows: 19,
  missing: [],
  failed: [],
  requests: 0,
  retries: 0,
  askedAt: '2026-11-24T02:00:00.000Z',
  read: 1,
  resume: null,
  converted: null,
  notes: [],
  error,
  finishedAt: '2026-11-24T02:01:00.000Z',
};

it('a task that fails after its last parent was read reports its own error, not a parent’s', () => {
  const task = {
    taskId: receipt.taskId,
    stream: receipt.stream,
    selection: { kind: 'children' as const, parents: ['export'] },
  };
  expect(taskErrors([{ task, receipt, chunks: [] }], 0)).toEqual([error]);
});

it('names what was not read if nothing of the stream was', () => {
  const selection = { kind: 'children' as const, parents: ['l1', 'l2', 'l3'] };
  const task = { taskId: 'lead_messages.1.0', stream: 'lead_messages', selection };
  const [told] = taskErrors([{ task, receipt: { ...receipt, read: 0 }, chunks: [] }], 0);
  expect(told?.message).toBe('The file is short. Not read: l1 and 2 more.');
});
