/** Stores an export file as raw chunks, as extract does with pages. Convert and publish do the rest. */

import { extractReceiptKey, planKey } from '../../contract/object-keys.ts';
import type { ConvertMessage, ExportMessage, ExtractMessage } from '../../contract/messages.ts';
import { extractReceipt, type Plan, plan as planSchema } from '../../contract/run.ts';
import { type Stream } from '../../contract/stream.ts';
import { type Chunk, ChunkLog } from '../rows/chunk-log.ts';
import { PackedLines } from '../rows/packed-lines.ts';
import { ExportFileError } from '../errors.ts';
import { exportRows } from './export-file.ts';
import { endTask, failTask } from '../runs/extract-receipts.ts';
import type { Clock, Deadline, ExportSource, Log, ObjectStore, Queue } from '../ports.ts';
import { forgottenIn, readForgotten } from '../rows/forgotten.ts';
import { formatDropped, formatRawLine } from '../rows/raw-line.ts';
import { readJson, writeJson } from '../store/stored-json.ts';

export interface LoadPorts {
  readonly store: ObjectStore;
  readonly source: ExportSource;
  readonly exportQueue: Queue;
  readonly convertQueue: Queue;
  readonly publishQueue: Queue;
  readonly clock: Clock;
  readonly log: Log;
}

export interface LoadSettings {
  /** Declaration of the table that holds the rows of export files. */
  readonly stream: Stream;
  readonly runDeadlineHours: number;
  readonly publishCheckSeconds: number;
  readonly deadline: Deadline;
  /** Maximum rows per chunk. @default 10,000 */
  readonly chunkRows?: number;
}

type LoadMessage = Extract<ExportMessage, { step: 'load' }>;

const defaultChunkRows = 10_000;
const maxBytes = 16 * 1024 * 1024;
const reserveMilliseconds = 60_000;
const hour = 3_600_000;

/**
 * Loads the file, or continues where an earlier message of this load stopped.
 * @returns false if the source does not have the file (yet); nothing is done then
 */
export async function loadExport(message: LoadMessage, settings: LoadSettings, ports: LoadPorts): Promise<boolean> {
  const { stream, deadline, chunkRows = defaultChunkRows } = settings;
  const { store, log } = ports;
  const receipt = await readJson(store, extractReceiptKey(message.runId, taskIdOf(stream)), extractReceipt);
  const file = receipt?.value.status === 'done' ? undefined : await ports.source.open(message.fileKey);
  if (receipt?.value.status !== 'done' && !file) return false;
  const plan = await planOf(message, settings, ports);
  const [task] = plan.tasks;
  if (!task) throw new Error(`The plan of ${plan.runId} has no task.`);
  const extraction: ExtractMessage = { runId: plan.runId, runStartedAt: plan.startedAt, task, continuation: 0 };
  if (file) {
    const chunkLog = new ChunkLog(store, stream.name, plan.runId, task.taskId);
    const chunks = await chunkLog.chunks();
    const last = chunks.at(-1);
    if (last) await sendConvert(extraction, last, ports);
    const meta = { request_id: null, extracted_at: message.startedAt, parent: message.exportId };
    const forgotten = await readForgotten(store);
    const dropped = new Set<string>();
    let [lines, rowNumber, skip] = [new PackedLines(), 0, last?.mark.item ?? 0];
    const storeChunk = async () => {
      for (const digest of dropped) lines.add(formatDropped(digest));
      const { chunk } = await chunkLog.append(chunks.length, lines, {
        item: rowNumber,
        cursor: null,
        pages: 0,
        askedAt: message.startedAt,
        requests: 0,
        retries: 0,
      });
      chunks.push(chunk);
      await sendConvert(extraction, chunk, ports);
      // Another delivery of the message may have stored a chunk of another size under this key. The file is the same, so
      // continue after the last row of that chunk.
      skip = chunk.mark.item;
      lines = new PackedLines();
      dropped.clear();
    };
    try {
      for await (const row of exportRows(message.fileKey, file.body, stream.columns)) {
        rowNumber += 1;
        if (rowNumber <= skip) continue;
        const numberedRow = numbered(row, rowNumber - 1);
        const digests = forgottenIn(stream, { meta, row: numberedRow }, forgotten);
        for (const digest of digests) dropped.add(digest);
        if (digests.length > 0) continue;
        lines.add(formatRawLine(meta, numberedRow));
        if (lines.rows >= chunkRows || lines.bytes >= maxBytes) await storeChunk();
        if (lines.rows === 0 && deadline.remainingMilliseconds() < reserveMilliseconds) {
          log.info('The load continues in another message.', { runId: plan.runId, rows: rowNumber });
          await ports.exportQueue.send([{ body: message }]);
          return true;
        }
      }
      if (lines.rows + dropped.size > 0) await storeChunk();
      await finish(message, extraction, chunks, rowNumber, ports);
    } catch (error) {
      if (!(error instanceof ExportFileError)) throw error;
      if (lines.rows + dropped.size > 0) await storeChunk();
      log.error('The export file could not be loaded completely.', { runId: plan.runId, ...error.toFailure() });
      await failTask(extraction, error.toFailure(), ports);
    }
  }
  await ports.publishQueue.send([
    { body: { runId: plan.runId, check: 0 }, delaySeconds: Math.min(900, settings.publishCheckSeconds) },
  ]);
  const { runId, exportId, startedAt } = message;
  if (message.complete)
    await ports.exportQueue.send([
      {
        body: { step: 'sweep', runId, exportId, startedAt, check: 0, approved: false },
        delaySeconds: Math.min(900, settings.publishCheckSeconds),
      },
    ]);
  return true;
}

const taskIdOf = (stream: Stream) => `${stream.name}.0`;

async function planOf(
  { runId, exportId }: LoadMessage,
  { stream, runDeadlineHours }: LoadSettings,
  { store, clock }: LoadPorts,
): Promise<Plan> {
  const now = clock.now();
  const plan: Plan = {
    runId,
    kind: 'export',
    startedAt: now.toISOString(),
    deadline: new Date(now.getTime() + runDeadlineHours * hour).toISOString(),
    streams: [stream.name],
    tasks: [{ taskId: taskIdOf(stream), stream: stream.name, selection: { kind: 'children', parents: [exportId] } }],
    fullRefresh: false,
  };
  if (await writeJson(store, planKey(runId), plan, { ifAbsent: true })) return plan;
  const stored = await readJson(store, planKey(runId), planSchema);
  if (!stored) throw new Error(`The store says that the plan of ${runId} exists, but does not return it.`);
  return stored.value;
}

/**
 * Ends the load. If the vendor's row count differs from ours, the load fails, and nothing is deleted because of the
 * file.
 */
async function finish(
  message: LoadMessage,
  extraction: ExtractMessage,
  chunks: Awaited<ReturnType<ChunkLog['chunks']>>,
  rows: number,
  { store, clock, log }: LoadPorts,
): Promise<void> {
  const { exportId, rowCount } = message;
  if (rowCount !== null && rowCount !== rows) {
    const error = {
      code: 'row_count_mismatch',
      message: `The vendor counts ${rowCount} rows in export ${exportId}, but its file holds ${rows}. These rows were loaded. Because of the difference, the export deletes nothing.`,
      requestId: null,
    };
    log.error('The file holds another number of rows than the vendor counted.', { exportId, rowCount, rows });
    return failTask(extraction, error, { store, clock });
  }
  const end = {
    status: 'done' as const,
    requests: 0,
    retries: 0,
    askedAt: message.startedAt,
    read: 1,
    resume: null,
    converted: null,
    notes: [],
    error: null,
  };
  await endTask(extraction, chunks, end, { store, clock });
}

async function sendConvert(
  { runId, runStartedAt, task }: ExtractMessage,
  { sequence, mark }: Chunk,
  { convertQueue }: LoadPorts,
): Promise<void> {
  if (mark.rows === 0) return;
  const body: ConvertMessage = { runId, runStartedAt, taskId: task.taskId, stream: task.stream, sequence };
  await convertQueue.send([{ body }]);
}

/**
 * Adds the row's number in the file, which is the row's key. A row that is not an object stays as it is, and is
 * rejected later.
 */
function numbered(row: string, number: number): string {
  if (!row.startsWith('{')) return row;
  const rest = row.slice(1).trimStart();
  return `{"row_number":${number}${rest.startsWith('}') ? '' : ','}${rest}`;
}
