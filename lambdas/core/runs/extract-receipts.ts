import { extractReceiptKey } from '../../contract/object-keys.ts';
import type { ExtractMessage } from '../../contract/messages.ts';
import {
  type ConvertReceipt,
  type ExtractReceipt,
  extractReceipt,
  type Failure,
  type Task,
} from '../../contract/run.ts';
import type { Clock, Deadline, ObjectStore } from '../ports.ts';
import { type Chunk, ChunkLog } from '../rows/chunk-log.ts';
import { parseOutcome } from '../rows/raw-line.ts';
import { readJson, writeJson } from '../store/stored-json.ts';
import { readTaskReceipt } from './task-receipts.ts';
import { clockAfterAttempt, isProvisional, neverClock, processDied } from './last-attempt.ts';

interface ReceiptPorts {
  readonly store: ObjectStore;
  readonly clock: Clock;
}

/** How a task ended, in addition to what its chunks say. */
export interface TaskEnd {
  readonly status: ExtractReceipt['status'];
  /** Requests and retries of the whole task. */
  readonly requests: number;
  readonly retries: number;
  readonly askedAt: string | null;
  /** Number of parents or ids that were read to their end; 1 for a whole list. */
  readonly read: number;
  readonly resume: ExtractReceipt['resume'];
  readonly converted: ConvertReceipt | null;
  readonly repeated?: ExtractReceipt['repeated'];
  readonly notes: readonly string[];
  readonly error: Failure | null;
}

type TaskMessage = Pick<ExtractMessage, 'runId' | 'task'>;

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
 * @param counts requests and retries of the failed attempt, if known: the counts in its chunks may be lower
 */
export async function failTask(
  { runId, task }: TaskMessage,
  error: Failure,
  ports: ReceiptPorts,
  counts: { readonly requests: number; readonly retries: number } = { requests: 0, retries: 0 },
): Promise<void> {
  const { store } = ports;
  const key = extractReceiptKey(runId, task.taskId);
  const stored = await readTaskReceipt(store, runId, task.taskId);
  if (stored?.value.status === 'done') return;
  const chunks = await new ChunkLog(store, task.stream, runId, task.taskId).chunks();
  const mark = chunks.at(-1)?.mark;
  const end: TaskEnd = {
    status: 'failed',
    requests: Math.max(mark?.requests ?? 0, counts.requests),
    retries: Math.max(mark?.retries ?? 0, counts.retries),
    askedAt: mark?.askedAt ?? null,
    ...landedBy(task, chunks),
    converted: null,
    notes: [],
    error,
  };
  const receipt = await receiptOf({ runId, task }, chunks, end, ports);
  await writeJson(store, key, receipt, stored && !stored.round ? { ifMatch: stored.etag } : { ifAbsent: true });
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
