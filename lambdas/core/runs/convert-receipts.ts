import { convertReceiptKey, extractReceiptKey, roundKey } from '../../contract/object-keys.ts';
import { type ConvertReceipt, convertReceipt } from '../../contract/run.ts';
import type { ObjectStore, ReadableStore } from '../ports.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { readTaskReceipt } from './task-receipts.ts';

interface ChunkOfRun {
  readonly runId: string;
  readonly taskId: string;
  readonly sequence: number;
}

/**
 * The receipt of a converted chunk. It is an object of its own, or part of the receipt of the task if the function that
 * read the chunk also converted it. A chunk that is converted again has its own.
 * @returns undefined if there is no receipt; without an ETag if the receipt has no object of its own
 */
export async function readConversion(
  store: Pick<ReadableStore, 'get'>,
  { runId, taskId, sequence }: ChunkOfRun,
): Promise<{ value: ConvertReceipt; etag?: string } | undefined> {
  const own = await readJson(store, convertReceiptKey(runId, taskId, sequence), convertReceipt);
  if (own) return own;
  const converted = (await readTaskReceipt(store, runId, taskId))?.value.converted;
  return converted?.sequence === sequence ? { value: converted } : undefined;
}

/**
 * Replaces the receipt of a converted chunk where {@link readConversion} finds it.
 * @param change returns undefined to leave the receipt as it is
 * @returns false if it was changed by another writer in between
 */
export async function changeConversion(
  store: ObjectStore,
  chunk: ChunkOfRun,
  change: (receipt: ConvertReceipt) => ConvertReceipt | undefined,
): Promise<boolean> {
  const { runId, taskId, sequence } = chunk;
  const stored = await readConversion(store, chunk);
  const after = stored && change(stored.value);
  if (!after) return true;
  if (stored.etag !== undefined)
    return writeJson(store, convertReceiptKey(runId, taskId, sequence), after, { ifMatch: stored.etag });
  const task = await readTaskReceipt(store, runId, taskId);
  if (!task) return false;
  const receipt = { ...task.value, converted: after };
  const { etag: ifMatch, round } = task;
  if (!round) return writeJson(store, extractReceiptKey(runId, taskId), receipt, { ifMatch });
  const receipts = round.receipts?.map((one) => (one.taskId === taskId ? receipt : one));
  return writeJson(store, roundKey(runId, round.round), { ...round, receipts }, { ifMatch });
}
