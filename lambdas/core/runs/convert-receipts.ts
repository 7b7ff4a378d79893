import { convertReceiptKey, extractReceiptKey } from '../../contract/object-keys.ts';
import { type ConvertReceipt, convertReceipt, extractReceipt } from '../../contract/run.ts';
import type { ReadableStore } from '../ports.ts';
import { readJson } from '../store/stored-json.ts';

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
  const task = await readJson(store, extractReceiptKey(runId, taskId), extractReceipt);
  const converted = task?.value.converted;
  return converted?.sequence === sequence ? { value: converted } : undefined;
}
