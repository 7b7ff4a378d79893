import { createHash } from 'node:crypto';
import { chunkKey, convertReceiptKey, parquetKey, partitionDate } from '../../contract/object-keys.ts';
import type { ConvertMessage } from '../../contract/messages.ts';
import { type ConvertReceipt, convertReceipt, type Failure } from '../../contract/run.ts';
import { type Stream, type Table, tableOf } from '../../contract/stream.ts';
import { readChunkBytes } from '../rows/chunk-file.ts';
import { convertChunk } from './convert-chunk.ts';
import { readConversion } from '../runs/convert-receipts.ts';
import { clockAfterAttempt, processDied } from '../runs/last-attempt.ts';
import type { Clock, Deadline, ObjectStore } from '../ports.ts';
import { rejectedRows } from '../../contract/pipeline-tables.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { DamagedObjectError } from '../store/stored-object.ts';
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
 * Converts one raw chunk to one Parquet file, plus one of rejected rows if there are any, and leaves a receipt. The
 * keys are derived from the chunk, which never changes, so a repeat changes nothing. A later version of the code
 * overwrites what an earlier version made of the chunk.
 */
export async function convertTask(
  message: ConvertMessage,
  settings: ConvertSettings,
  ports: ConvertPorts,
): Promise<void> {
  const key = convertReceiptKey(message.runId, message.taskId, message.sequence);
  const stored = await formerConversion(message, ports.store);
  if (stored?.value.status === 'done' && !message.again) return;
  const former = new Set(stored?.value.files.map((file) => file.key));
  await writeJson(ports.store, key, await convertStored(message, settings, ports, { former }));
}

/**
 * Converts a small chunk right after it was read.
 * @param keepReceipt true to store the chunk's receipt; false if the receipt of the task will contain it
 * @param bytes the chunk's lines, if the caller has just stored it
 */
export async function convertInline(
  message: ConvertMessage,
  settings: ConvertSettings,
  ports: ConvertPorts,
  keepReceipt: boolean,
  bytes?: Buffer,
): Promise<ConvertReceipt> {
  const receipt = await convertStored(message, settings, ports, { bytes });
  if (keepReceipt)
    await writeJson(ports.store, convertReceiptKey(message.runId, message.taskId, message.sequence), receipt);
  return receipt;
}

/**
 * Converts a chunk and returns its receipt instead of storing it.
 * @param known.former keys of files of an earlier conversion: such a file is deleted if it would have no rows now
 * @param known.bytes of the chunk's lines, if the caller has just stored it
 */
async function convertStored(
  message: ConvertMessage,
  { stream, mask }: ConvertSettings,
  { store, clock }: ConvertPorts,
  { former = new Set(), bytes }: { former?: ReadonlySet<string>; bytes?: Buffer | undefined },
): Promise<ConvertReceipt> {
  const { runId, taskId, sequence } = message;
  const rawKey = chunkKey(stream.name, runId, taskId, sequence);
  const { rowsIn, rowsOut, rowsRejected, rowsKeyless, rowsUndecoded, fields, parquet, rejectedParquet } = convertChunk({
    stream,
    bytes: bytes ?? (await storedBytes(rawKey, store)),
    runId,
    rawKey,
    mask,
  });
  const date = partitionDate(message.runStartedAt);
  const files: ConvertReceipt['files'] = [];
  const write = async (table: Table, rows: number, body: Uint8Array | null) => {
    const key = parquetKey(table.name, date, runId, taskId, sequence);
    if (!body) return former.has(key) ? store.delete(key) : undefined;
    await store.put(key, body, { contentType: 'application/vnd.apache.parquet' });
    const sha256 = createHash('sha256').update(body).digest('hex');
    files.push({ key, rows, bytes: body.byteLength, sha256 });
  };
  await write(tableOf(stream), rowsOut, parquet);
  await write(rejectedRows, rowsRejected, rejectedParquet);
  const undecoded = rowsUndecoded === 0 ? {} : { rowsUndecoded };
  return {
    ...common(message, clock),
    status: 'done',
    rowsIn,
    rowsOut,
    rowsRejected,
    ...(rowsKeyless === 0 ? {} : { rowsKeyless }),
    ...undecoded,
    fields,
    files,
    error: null,
  };
}

async function storedBytes(rawKey: string, store: ObjectStore): Promise<Buffer> {
  const bytes = await readChunkBytes(store, rawKey);
  if (!bytes) throw new DamagedObjectError(rawKey, 'is missing');
  return bytes;
}

/**
 * Leaves a failed receipt, which a later success overwrites. If the chunk was converted before, that result stays; its
 * receipt only gets a new date, so that the run does not wait for another one.
 */
export async function failConversion(
  message: ConvertMessage,
  error: Failure,
  { store, clock }: ConvertPorts,
): Promise<void> {
  const key = convertReceiptKey(message.runId, message.taskId, message.sequence);
  const stored = await formerConversion(message, store);
  const condition = stored?.etag === undefined ? { ifAbsent: true } : { ifMatch: stored.etag };
  if (stored?.value.status === 'done') {
    const dated = { ...stored.value, ...common(message, clock) };
    if (message.again) await writeJson(store, key, dated, condition);
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
  await writeJson(store, key, receipt, condition);
}

/**
 * Before the last attempt at a chunk, stores a receipt that counts if the process dies during the attempt. A chunk that
 * is converted again keeps the receipt it has.
 */
export async function leaveProvisionalConversion(
  message: ConvertMessage,
  { store, clock, deadline }: ConvertPorts & { readonly deadline: Deadline },
): Promise<void> {
  if (message.again) return;
  await failConversion(message, processDied, {
    store,
    clock: clockAfterAttempt(clock, deadline.remainingMilliseconds()),
  });
}

/**
 * Finds the receipt of an earlier conversion. If the chunk is converted again, that receipt may be a part of the task's
 * receipt.
 */
async function formerConversion(message: ConvertMessage, store: ObjectStore) {
  if (message.again) return readConversion(store, message);
  return readJson(store, convertReceiptKey(message.runId, message.taskId, message.sequence), convertReceipt);
}

function common({ taskId, stream, sequence }: ConvertMessage, clock: Clock) {
  return { taskId, stream, sequence, finishedAt: clock.now().toISOString() };
}
