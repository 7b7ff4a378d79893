import { extractReceiptKey } from '../../contract/object-keys.ts';
import type { ExtractMessage } from '../../contract/messages.ts';
import {
  type ConvertReceipt,
  type ExtractReceipt,
  extractReceipt,
  type Failure,
  type SentRequests,
  type Task,
} from '../../contract/run.ts';
import type { Clock, Deadline, ObjectStore } from '../ports.ts';
import { type Chunk, ChunkLog } from '../rows/chunk-log.ts';
import { parseOutcome } from '../rows/raw-line.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { mostOf, sumOf } from './sent-requests.ts';
import { readTaskReceipt } from './task-receipts.ts';
import { clockAfterAttempt, isProvisional, neverClock, processDied } from './last-attempt.ts';

interface ReceiptPorts {
  readonly store: ObjectStore;
  readonly clock: Clock;
}

/** How a task ended, in addition to what its chunks say. */
export interface TaskEnd {
  readonly status: ExtractReceipt['status'];
  /** Requests, retries and rate limits of the whole task. */
  readonly requests: number;
  readonly retries: number;
  readonly limited?: SentRequests['limited'];
  readonly askedAt: string | null;
  /** Number of parents or ids that were read to their end; 1 for a whole list. */
  readonly read: number;
  readonly resume: ExtractReceipt['resume'];
  readonly converted: ConvertReceipt | null;
  readonly repeated?: ExtractReceipt['repeated'];
  readonly notes: readonly string[];
  readonly error: Failure | null;
}

type TaskMessage = Pick<ExtractMessage, 'runId' | 'task' | 'spent'>;
const noCounts: SentRequests = { requests: 0, retries: 0 };

/** Writes the receipt of a task that has ended. It replaces any earlier receipt. */
export async function endTask(
  { runId, task }: TaskMessage,
  chunks: readonly Chunk[],
  end: TaskEnd,
  ports: ReceiptPorts,
): Promise<void> {
  await writeJson(
    ports.store,
    extractReceiptKey(runId, task.taskId),
    await receiptOf({ runId, task }, chunks, end, ports),
  );
}

/**
 * Writes a failed receipt that counts the rows stored so far. Never replaces a receipt with status `done`.
 * @param counts requests and retries of the failed attempt. Absent: they are in the stored receipt already
 */
export async function failTask(
  { runId, task, spent = noCounts }: TaskMessage,
  error: Failure,
  ports: ReceiptPorts,
  counts: SentRequests = noCounts,
): Promise<void> {
  const { store } = ports;
  const key = extractReceiptKey(runId, task.taskId);
  const stored = await readTaskReceipt(store, runId, task.taskId);
  if (stored?.value.status === 'done') return;
  const chunks = await new ChunkLog(store, task.stream, runId, task.taskId).chunks();
  const sent = sumOf([mostOf([spent, stored?.value ?? noCounts]), counts]);
  const end = unfinishedEnd('failed', task, chunks, sent, error);
  const receipt = await receiptOf({ runId, task }, chunks, end, ports);
  await writeJson(store, key, receipt, stored && !stored.round ? { ifMatch: stored.etag } : { ifAbsent: true });
}

/** Ends a task whose run was aborted before it was done. What it has read counts. */
export async function stopTask(message: TaskMessage, chunks: readonly Chunk[], ports: ReceiptPorts): Promise<void> {
  if (await hasEnded(message, ports)) return;
  const { task, spent = noCounts } = message;
  await endTask(message, chunks, unfinishedEnd('stopped', task, chunks, spent, null), ports);
}

/**
 * Stores the requests of a failed attempt for the next one, in a provisional receipt. A task that is replayed keeps the
 * receipt of its end until it ends again.
 */
export async function keepCounts(message: TaskMessage, ports: ReceiptPorts, counts: SentRequests): Promise<void> {
  if (await hasEnded(message, ports)) return;
  await failTask(message, processDied, { store: ports.store, clock: neverClock }, counts);
}

async function hasEnded({ runId, task }: TaskMessage, { store, clock }: ReceiptPorts): Promise<boolean> {
  const stored = await readTaskReceipt(store, runId, task.taskId);
  return stored !== undefined && !isProvisional(stored.value, clock.now());
}

/** Requests and retries of a task's earlier attempts. The first request of the next attempt is another retry. */
export async function earlierCounts(
  { runId, task, spent = noCounts }: TaskMessage,
  { store }: Pick<ReceiptPorts, 'store'>,
): Promise<SentRequests> {
  const stored = await readTaskReceipt(store, runId, task.taskId);
  if (!stored || stored.value.requests === 0) return spent;
  return mostOf([spent, { ...stored.value, retries: stored.value.retries + 1 }]);
}

function unfinishedEnd(
  status: 'failed' | 'stopped',
  task: Task,
  chunks: readonly Chunk[],
  counts: SentRequests,
  error: Failure | null,
): TaskEnd {
  const mark = chunks.at(-1)?.mark;
  return {
    status,
    ...mostOf([counts, mark ?? noCounts]),
    askedAt: mark?.askedAt ?? null,
    ...landedBy(task, chunks),
    converted: null,
    notes: [],
    error,
  };
}

/** How far an unfinished task has come: the items that it read, and where its list continues. */
export function landedBy(task: Task, chunks: readonly Chunk[]): Pick<TaskEnd, 'read' | 'resume'> {
  const mark = chunks.at(-1)?.mark;
  const resume =
    task.selection.kind === 'list' && mark && mark.cursor !== null ? { cursor: mark.cursor, pages: mark.pages } : null;
  return { read: mark?.item ?? 0, resume };
}

/** Writes the failed receipt that counts if the process dies. Called before the last attempt at a task. */
export async function leaveProvisionalFailure(
  message: TaskMessage,
  { store, clock, deadline }: ReceiptPorts & { deadline: Deadline },
): Promise<void> {
  await failTask(message, processDied, { store, clock: clockAfterAttempt(clock, deadline.remainingMilliseconds()) });
}

/**
 * Makes sure that the provisional failure never counts. Called after an attempt whose task continues in another
 * message.
 */
export async function withdrawProvisionalFailure(message: TaskMessage, { store, clock }: ReceiptPorts): Promise<void> {
  const stored = await readJson(store, extractReceiptKey(message.runId, message.task.taskId), extractReceipt);
  if (stored && isProvisional(stored.value, clock.now()))
    await failTask(message, processDied, { store, clock: neverClock });
}

async function receiptOf(
  { runId, task }: TaskMessage,
  chunks: readonly Chunk[],
  end: TaskEnd,
  { store, clock }: ReceiptPorts,
): Promise<ExtractReceipt> {
  const log = new ChunkLog(store, task.stream, runId, task.taskId);
  const outcomes = [];
  for (const chunk of chunks)
    outcomes.push(...(await log.outcomeLines(chunk)).flatMap((line) => parseOutcome(line) ?? []));
  const dropped = new Set(outcomes.flatMap((one) => ('dropped' in one ? [one.dropped] : [])));
  const paged = outcomes.flatMap((one) => ('pages' in one ? [one.item] : []));
  return {
    taskId: task.taskId,
    stream: task.stream,
    chunks: chunks.map(({ mark }) => mark.rows),
    rows: chunks.reduce((sum, { mark }) => sum + mark.rows, 0),
    missing: outcomes.flatMap((one) => ('failure' in one && !one.failure ? [one.item] : [])),
    failed: outcomes.flatMap((one) =>
      'failure' in one && one.failure ? [{ id: one.item, failure: one.failure }] : [],
    ),
    ...(paged.length > 0 ? { paged } : {}),
    ...(dropped.size > 0 ? { dropped: [...dropped].toSorted() } : {}),
    ...end,
    notes: [...end.notes],
    finishedAt: clock.now().toISOString(),
  };
}
