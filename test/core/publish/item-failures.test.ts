import { expect, it } from 'vitest';
import { taskErrors } from '../../../lambdas/core/publish/item-failures.ts';
import { leads } from '../../../lambdas/streams/leads.ts';
import { receiptOf } from '../../support/extract-receipt.ts';

const error = { code: 'row_count_mismatch', message: 'The file is short.', requestId: null };
const receipt = receiptOf('lead_exports', '2026-11-24T02:00:00.000Z', {
  status: 'failed',
  chunks: [19],
  rows: 19,
  error,
});

it('a task that fails after its last parent was read reports its own error, not a parent’s', () => {
  const task = {
    taskId: receipt.taskId,
    stream: receipt.stream,
    selection: { kind: 'children' as const, parents: ['export'] },
  };
  expect(taskErrors(leads, [{ task, receipt, chunks: [] }], 0)).toEqual([error]);
});

it('names what was not read if nothing of the stream was', () => {
  const selection = { kind: 'children' as const, parents: ['l1', 'l2', 'l3'] };
  const task = { taskId: 'lead_messages.1.0', stream: 'lead_messages', selection };
  const [told] = taskErrors(leads, [{ task, receipt: { ...receipt, read: 0 }, chunks: [] }], 0);
  expect(told?.message).toBe('The file is short. Not read: leads l1 and 2 more.');
});

it('names no items if the key was refused: each table would have a cause of its own', () => {
  const refused = { code: 'unauthorized', message: 'leads: the API answered 401.', requestId: null };
  const selection = { kind: 'children' as const, parents: ['l1', 'l2', 'l3'] };
  const task = { taskId: 'lead_messages.1.0', stream: 'lead_messages', selection };
  expect(taskErrors(leads, [{ task, receipt: { ...receipt, read: 0, error: refused }, chunks: [] }], 0)).toEqual([
    refused,
  ]);
});
