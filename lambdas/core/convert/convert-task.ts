import { chunkKey, convertReceiptKey, parquetKey, partitionDate } from '../../contract/object-keys.ts';
import type { ConvertMessage } from '../../contract/messages.ts';
import { type ConvertReceipt, convertReceipt, type Failure } from '../../contract/run.ts';
import { type Stream, type Table, tableOf } from '../../contract/stream.ts';
import { chunkLines } from '../rows/chunk-log.ts';
import { convertChunk } from './convert-chunk.ts';
import { writeParquet } from '../rows/parquet/write.ts';
import { afterAttempt, processDied } from '../runs/last-attempt.ts';
import type { Clock, Deadline, ObjectStore } from '../ports.ts';
import { rejectedRows } from '../../contract/pipeline-tables.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import type { ColumnMask } from '../rows/mask-columns.ts';

export interface ConvertPorts {
  readonly store: ObjectStore;
  readonly clock: Clock;
}

export interface ConvertSettings {
  /** Declaration of the message's stream. */
  readonly stream: Stream;
  readonly mask: ColumnMask;
}

/**
 * Turns one raw chunk into one Parquet file, and one of rejected rows where there are any, at keys derived
 * from the chunk; leaves a receipt. A chunk never changes, so doing this twice changes nothing; doing it again
 * with a later version writes over what the earlier one made of the chunk.
 */
export async function convertTask(
  message: ConvertMessage,
  { stream, mask }: ConvertSettings,
  { store, clock }: ConvertPorts,
): Promise<void> {
  const { runId, taskId, sequence } = message;
  const receiptKey = convertReceiptKey(runId, taskId, sequence);
  const stored = await readJson(store, receiptKey, convertReceipt);
  if (stored?.value.status === 'done' && !message.again) return;

  const rawKey = chunkKey(stream.name, runId, taskId, sequence);
  const chunk = await store.get(rawKey);
  if (!chunk) throw new Error(`Chunk ${rawKey} is gone; its lifecycle rule may have expired it.`);
  const converted = convertChunk({ stream, lines: chunkLines(chunk.body), runId, rawKey, mask });

  const date = partitionDate(message.runStartedAt);
  const files: ConvertReceipt['files'] = [];
  const former = new Set(stored?.value.files.map(({ key }) => key));
  const write = async (table: Table, rows: number, parquet: Uint8Array | null) => {
    const key = parquetKey(table.name, date, runId, taskId, sequence);
    // A file that this conversion has no rows for, and an earlier one had.
    const body = parquet ?? (former.has(key) ? writeParquet(table, []) : undefined);
    if (!body) return;
    await store.put(key, body, { contentType: 'application/vnd.apache.parquet' });
    files.push({ key, rows, bytes: body.byteLength });
  };
  await write(tableOf(stream), converted.rowsOut, converted.parquet);
  await write(rejectedRows, converted.rowsRejected, converted.rejectedParquet);
  const { rowsIn, rowsOut, rowsRejected } = converted;
  const receipt: ConvertReceipt = {
    ...common(message, clock),
    status: 'done',
    rowsIn,
    rowsOut,
    rowsRejected,
    files,
    error: null,
  };
  await writeJson(store, receiptKey, receipt);
}

/**
 * Leaves a failed receipt, which a later success overwrites. Where the chunk had been converted before, that
 * stands: its receipt is only dated anew, so that nobody waits for another.
 */
export async function failConversion(
  message: ConvertMessage,
  error: Failure,
  { store, clock }: ConvertPorts,
): Promise<void> {
  const key = convertReceiptKey(message.runId, message.taskId, message.sequence);
  const stored = await readJson(store, key, convertReceipt);
  if (stored?.value.status === 'done') {
    const dated = { ...stored.value, ...common(message, clock) };
    if (message.again) await writeJson(store, key, dated, { ifMatch: stored.etag });
    return;
  }
  const receipt: ConvertReceipt = {
    ...common(message, clock),
    status: 'failed',
    rowsIn: 0,
    rowsOut: 0,
    rowsRejected: 0,
    files: [],
    error,
  };
  await writeJson(store, key, receipt, stored ? { ifMatch: stored.etag } : { ifAbsent: true });
}

/** Before the last attempt at a chunk: what its receipt is if the process dies. One that was converted before keeps its receipt. */
export async function leaveProvisionalConversion(
  message: ConvertMessage,
  { store, clock, deadline }: ConvertPorts & { readonly deadline: Deadline },
): Promise<void> {
  if (message.again) return;
  await failConversion(message, processDied, { store, clock: afterAttempt(clock, deadline.remainingMilliseconds()) });
}

function common({ taskId, stream, sequence }: ConvertMessage, clock: Clock) {
  return { taskId, stream, sequence, finishedAt: clock.now().toISOString() };
}
