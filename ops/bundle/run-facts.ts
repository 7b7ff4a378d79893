/** Facts about runs: ids, times, counts and codes. Error messages are left out because they are free text. */

import { abortedKey } from '../../lambdas/contract/object-keys.ts';
import { type Failure, failure } from '../../lambdas/contract/run.ts';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { chunkId } from '../../lambdas/core/runs/run-ids.ts';
import { shownRequestId } from '../../lambdas/core/runs/request-id.ts';
import type { Damage } from '../lake/damage.ts';
import { readRunRecord } from '../lake/run-record.ts';

const mostFailed = 100;

type Told = { readonly code: string; readonly requestId: string | null };

function told(error: Failure | null | undefined): Told | null {
  return error ? { code: error.code, requestId: shownRequestId(error.requestId) } : null;
}

export async function runFacts(runId: string, store: ObjectStore, damage: Damage) {
  const { plan, report, tasks, extracted, converted } = await readRunRecord(runId, store, damage);
  const aborted = await damage.readJson(store, abortedKey(runId), failure);
  return {
    runId,
    plan: plan && {
      kind: plan.kind,
      startedAt: plan.startedAt,
      deadline: plan.deadline,
      tasks: tasks.map(({ taskId, selection }) => ({ taskId, reads: selection.kind })),
    },
    report: report && {
      ...report,
      tables: Object.fromEntries(
        Object.entries(report.tables).map(([table, { error, notes, ...counts }]) => [
          table,
          { ...counts, notes: notes.length, error: told(error) },
        ]),
      ),
    },
    aborted: told(aborted),
    extract: receiptFacts(extracted, ({ taskId }) => taskId),
    convert: receiptFacts(converted, ({ taskId, sequence }) => chunkId(taskId, sequence)),
  };
}

interface Ended {
  readonly status: string;
  readonly error: Failure | null;
  readonly finishedAt: string;
}

/** Counts receipts by status, and lists the first 100 that failed. */
function receiptFacts<T extends Ended>(receipts: readonly T[], nameOf: (receipt: T) => string) {
  const counts: Record<string, number> = {};
  for (const { status } of receipts) counts[status] = (counts[status] ?? 0) + 1;
  const failures = receipts
    .filter(({ error }) => error !== null)
    .slice(0, mostFailed)
    .map((receipt) => ({ of: nameOf(receipt), finishedAt: receipt.finishedAt, error: told(receipt.error) }));
  return { receipts: receipts.length, ...counts, failures };
}
