/**
 * Finds the receipts of tasks. Usually each receipt is an object of its own. If one invocation did a whole run, the
 * receipts of all its tasks are in the run's only round. If such a task is done again, it gets an object of its own,
 * which counts instead.
 */

import { extractReceiptKey, roundKey } from '../../contract/object-keys.ts';
import { type ExtractReceipt, extractReceipt, type Round, round } from '../../contract/run.ts';
import type { ReadableStore } from '../ports.ts';
import { readJson } from '../store/stored-json.ts';

/** A receipt, and the ETag of the object that holds it. */
interface StoredReceipt {
  readonly value: ExtractReceipt;
  readonly etag: string;
  /** The round that holds it, if it is not an object of its own. */
  readonly round?: Round;
}

export async function readTaskReceipt(
  store: Pick<ReadableStore, 'get'>,
  runId: string,
  taskId: string,
): Promise<StoredReceipt | undefined> {
  const own = await readJson(store, extractReceiptKey(runId, taskId), extractReceipt);
  if (own) return own;
  const first = await readJson(store, roundKey(runId, 1), round);
  const value = first?.value.receipts?.find((receipt) => receipt.taskId === taskId);
  return first && value && { value, etag: first.etag, round: first.value };
}

/** The receipts of a run: those in its rounds, and those that are objects of their own. */
export function allReceipts(rounds: readonly Round[], own: readonly ExtractReceipt[]): ExtractReceipt[] {
  const all = [...rounds.flatMap(({ receipts }) => receipts ?? []), ...own];
  return [...new Map(all.map((receipt) => [receipt.taskId, receipt])).values()];
}
