import {
  abortedKey,
  convertReceiptsPrefix,
  extractReceiptsPrefix,
  planKey,
  reportKey,
} from '../../lambdas/contract/object-keys.ts';
import {
  convertReceipt,
  extractReceipt,
  type Failure,
  failure,
  plan as planSchema,
  runReport,
} from '../../lambdas/contract/run.ts';
import type { z } from 'zod';
import type { ObjectStore } from '../../lambdas/core/ports.ts';
import { inBatches } from '../../lambdas/core/store/in-batches.ts';
import type { Damage } from '../lake/damage.ts';

/** What is told of runs: ids, times, counts and codes. Messages of errors stay out, as free text. */

const mostReceipts = 5_000;
const mostFailed = 100;

type Told = { readonly code: string; readonly requestId: string | null };

function told(error: Failure | null | undefined): Told | null {
  return error ? { code: error.code, requestId: idOf(error.requestId) } : null;
}

/** The vendor's, so whatever it may be. */
function idOf(requestId: string | null): string | null {
  return requestId !== null && /^[\w-]{1,100}$/.test(requestId) ? requestId : null;
}

export async function runFacts(runId: string, store: ObjectStore, damage: Damage) {
  const plan = await damage.readJson(store, planKey(runId), planSchema);
  const report = await damage.readJson(store, reportKey(runId), runReport);
  const aborted = await damage.readJson(store, abortedKey(runId), failure);
  return {
    runId,
    plan: plan && {
      kind: plan.kind,
      startedAt: plan.startedAt,
      deadline: plan.deadline,
      tasks: plan.tasks.map(({ taskId, selection }) => ({ taskId, reads: selection.kind })),
    },
    report: report && {
      ...report,
      tables: Object.fromEntries(
        Object.entries(report.tables).map(([table, { error, ...counts }]) => [
          table,
          { ...counts, error: told(error) },
        ]),
      ),
    },
    aborted: told(aborted),
    extract: await receiptFacts(extractReceiptsPrefix(runId), extractReceipt, ({ taskId }) => taskId, store, damage),
    convert: await receiptFacts(
      convertReceiptsPrefix(runId),
      convertReceipt,
      ({ taskId, sequence }) => `${taskId}/${sequence}`,
      store,
      damage,
    ),
  };
}

/** Counts of receipts by their end, and those that failed. */
async function receiptFacts<T extends { status: 'done' | 'failed'; error: Failure | null; finishedAt: string }>(
  prefix: string,
  schema: z.ZodType<T>,
  nameOf: (receipt: T) => string,
  store: ObjectStore,
  damage: Damage,
) {
  const keys: string[] = [];
  let all = 0;
  for await (const { key } of store.list(prefix)) {
    all += 1;
    if (keys.length < mostReceipts) keys.push(key);
  }
  const counts = { done: 0, failed: 0 };
  const failed: object[] = [];
  await inBatches(keys, async (key) => {
    const receipt = await damage.readJson(store, key, schema);
    if (!receipt) return;
    counts[receipt.status] += 1;
    if (receipt.status === 'failed' && failed.length < mostFailed)
      failed.push({ of: nameOf(receipt), finishedAt: receipt.finishedAt, error: told(receipt.error) });
  });
  return { receipts: all, read: keys.length, ...counts, failures: failed };
}
