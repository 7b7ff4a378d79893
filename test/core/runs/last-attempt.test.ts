import { describe, expect, it } from 'vitest';
import { convertReceiptKey, extractReceiptKey } from '../../../lambdas/contract/object-keys.ts';
import { convertReceipt, extractReceipt, type Plan } from '../../../lambdas/contract/run.ts';
import { reportOf } from '../../../lambdas/core/publish/run-report.ts';
import { treeOf } from '../../../lambdas/core/publish/run-tree.ts';
import { leaveProvisionalConversion } from '../../../lambdas/core/convert/convert-task.ts';
import {
  endTask,
  failTask,
  leaveProvisionalFailure,
  type TaskEnd,
  withdrawProvisionalFailure,
} from '../../../lambdas/core/runs/extract-receipts.ts';
import type { RunEvidence } from '../../../lambdas/core/publish/read-evidence.ts';
import { streamNamed } from '../../../lambdas/streams/registry.ts';
import { FixedClock } from '../../support/fixed-clock.ts';
import { MemoryStore } from '../../support/memory-store.ts';

const runId = 'nightly-20261101T020000000Z';
const startedAt = '2026-11-01T02:00:00.000Z';
const minute = 60_000;
const task = { taskId: 'campaigns.0', stream: 'campaigns', selection: { kind: 'list' as const } };
const plan: Plan = {
  runId,
  kind: 'nightly',
  startedAt,
  deadline: '2026-11-04T02:00:00.000Z',
  streams: ['campaigns'],
  tasks: [task],
  fullRefresh: false,
};
const message = { runId, runStartedAt: startedAt, task, continuation: 0 };
const end: TaskEnd = {
  status: 'done',
  requests: 1,
  retries: 0,
  askedAt: startedAt,
  read: 1,
  resume: null,
  converted: null,
  notes: [],
  error: null,
};
const failure = { code: 'unavailable', message: 'The API is down.', requestId: null };

/** A run with one task, on its last attempt, with five minutes left. */
class LastAttempt {
  readonly clock = new FixedClock('2026-11-01T02:01:00.000Z');
  readonly store = new MemoryStore();
  readonly ports = { store: this.store, clock: this.clock, deadline: { remainingMilliseconds: () => 5 * minute } };

  /** State of the task's table in a report written this many minutes later. */
  tableAfter(minutes: number): string {
    const stored = this.store.json(extractReceiptKey(runId, task.taskId));
    const converted = this.store.json(convertReceiptKey(runId, task.taskId, 0));
    const receipt = stored === undefined ? [] : [extractReceipt.parse(stored)];
    const chunk = converted === undefined ? [] : [convertReceipt.parse(converted)];
    const evidence: RunEvidence = {
      plan,
      tasks: plan.tasks,
      rounds: 0,
      unsentRound: undefined,
      extractReceipts: new Map(receipt.map((one) => [one.taskId, one])),
      convertReceipts: new Map(chunk.map((one) => [`${one.taskId}/${one.sequence}`, one])),
      aborted: undefined,
      replay: undefined,
      approved: false,
    };
    const now = new Date(this.clock.now().getTime() + minutes * minute);
    const tree = treeOf(evidence, now);
    if (tree.outstanding > 0 && !tree.overdue) return 'waited for';
    const streams = [streamNamed('campaigns')];
    const { tables } = reportOf({ evidence, tree, streams, merged: new Map(), damaged: {}, unread: new Set(), now });
    const { status, error } = tables['campaigns'] ?? {};
    return error ? `${status}: ${error.code}` : String(status);
  }
}

describe('a process that dies on the last attempt', () => {
  it('at a task: the run waits while it may be alive, and ends within minutes instead of at its deadline', async () => {
    const last = new LastAttempt();
    await leaveProvisionalFailure(message, last.ports);
    expect([4, 9, 11].map((minutes) => last.tableAfter(minutes))).toEqual([
      'waited for',
      'waited for',
      'failed: process_died',
    ]);
  });

  it('at a chunk: the same', async () => {
    const last = new LastAttempt();
    const mark = {
      rows: 2,
      outcomes: 0,
      bytes: 0,
      item: 1,
      cursor: null,
      pages: 1,
      askedAt: startedAt,
      requests: 1,
      retries: 0,
    };
    await endTask(message, [{ sequence: 0, mark }], end, last.ports);
    await leaveProvisionalConversion(
      { runId, runStartedAt: startedAt, taskId: task.taskId, stream: 'campaigns', sequence: 0 },
      last.ports,
    );
    expect([9, 11].map((minutes) => last.tableAfter(minutes))).toEqual(['waited for', 'failed: process_died']);
  });
});

describe('the provisional failure of a task', () => {
  it('gives way to its receipt', async () => {
    const last = new LastAttempt();
    await leaveProvisionalFailure(message, last.ports);
    await endTask(message, [], end, last.ports);
    await withdrawProvisionalFailure(message, last.ports);
    expect([0, 11].map((minutes) => last.tableAfter(minutes))).toEqual(['complete', 'complete']);
  });

  it('gives way to another failure', async () => {
    const last = new LastAttempt();
    await leaveProvisionalFailure(message, last.ports);
    await failTask(message, failure, last.ports);
    expect(last.tableAfter(0)).toBe('failed: unavailable');
  });

  it('does not replace an existing receipt', async () => {
    const last = new LastAttempt();
    await endTask(message, [], end, last.ports);
    await leaveProvisionalFailure(message, last.ports);
    expect(last.tableAfter(11)).toBe('complete');
  });

  it('does not count if the task continues in another message, and then gives way to its receipt', async () => {
    const last = new LastAttempt();
    await leaveProvisionalFailure(message, last.ports);
    await withdrawProvisionalFailure(message, last.ports);
    expect([11, 70 * 60].map((minutes) => last.tableAfter(minutes))).toEqual(['waited for', 'waited for']);
    expect(last.tableAfter(80 * 60)).toBe('failed: overdue');
    await endTask(message, [], end, last.ports);
    expect(last.tableAfter(0)).toBe('complete');
  });
});
